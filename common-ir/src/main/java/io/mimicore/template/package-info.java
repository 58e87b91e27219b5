/// Compiles the templates in an author's strings, `{{ expr | filter }}`, to the IR's expressions.
///
/// Start with [TemplateCompiler]. A string is cut into text and holes; [HoleLexer] and [HoleParser]
/// read one hole; resolvers turn its names into slots, parts of the request and functions.
@NullMarked
package io.mimicore.template;

import org.jspecify.annotations.NullMarked;
