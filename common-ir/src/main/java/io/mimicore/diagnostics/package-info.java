/// What is wrong with an author's file, and where. Start with [Diagnostic].
@NullMarked
package io.mimicore.diagnostics;

import org.jspecify.annotations.NullMarked;
