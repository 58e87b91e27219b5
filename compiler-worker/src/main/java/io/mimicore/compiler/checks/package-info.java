/// What a module must be before it is published, whoever compiled it.
///
/// Start with [ModuleChecks].
@NullMarked
package io.mimicore.compiler.checks;

import org.jspecify.annotations.NullMarked;
