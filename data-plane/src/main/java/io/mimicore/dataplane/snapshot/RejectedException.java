package io.mimicore.dataplane.snapshot;

import java.util.List;

/// A version cannot be served; the node keeps what it has.
final class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<NodeProblem> problems;

    RejectedException(List<NodeProblem> problems) {
        super(problems.toString());
        this.problems = List.copyOf(problems);
    }

    RejectedException(String api, String code, String message) {
        this(List.of(new NodeProblem(api, code, message)));
    }

    List<NodeProblem> problems() {
        return problems;
    }
}
