package io.mimicore.template;

import io.mimicore.ir.Expression;
import io.mimicore.ir.JsonValue;
import java.util.List;

/// An expression that has been read.
///
/// @param known whether its names were found; otherwise a constant stands for its value
/// @param height levels of calls and filters, 1 for a name or a literal
record Node(Expression expression, boolean known, int height, ProblemSink.Span span) {
    /// Deepest nesting of calls and filters in a template.
    static final int HEIGHT_MAX = 32;

    private static final Expression STAND_IN = new Expression.Constant(new JsonValue.JsonNull());

    /// A name or a literal.
    static Node leaf(Expression expression, ProblemSink.Span span) {
        return new Node(expression, true, 1, span);
    }

    /// Something whose problem has been reported.
    static Node unknown(ProblemSink.Span span) {
        return new Node(STAND_IN, false, 1, span);
    }

    static List<Expression> expressions(List<Node> nodes) {
        return nodes.stream().map(Node::expression).toList();
    }

    static int highest(List<Node> nodes) {
        return nodes.stream().mapToInt(Node::height).max().orElse(0);
    }
}
