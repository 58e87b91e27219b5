/// Rules about the whole product that no single module can check. Start at `ArchitectureTest`.
@NullMarked
package io.mimicore.architecture;

import org.jspecify.annotations.NullMarked;
