/// Templates and expressions, compiled when a snapshot is linked and rendered without blocking.
///
/// Start with [Template], made by [TemplateCompiler] and rendered in a [Scope].
@NullMarked
package io.mimicore.dataplane.render;

import org.jspecify.annotations.NullMarked;
