/// The command line: the commands, and all roles in one process.
@NullMarked
package io.mimicore.cli;

import org.jspecify.annotations.NullMarked;
