/// Artifacts as files in a directory: the store of a single machine.
@NullMarked
package io.mimicore.compiler.artifacts.directory;

import org.jspecify.annotations.NullMarked;
