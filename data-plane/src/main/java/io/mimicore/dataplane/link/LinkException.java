package io.mimicore.dataplane.link;

import java.util.List;
import java.util.stream.Collectors;

/// A snapshot cannot be served; nothing of it is left behind.
public final class LinkException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<LinkProblem> problems;

    /// @param problems everything that is wrong, at least one
    public LinkException(List<LinkProblem> problems) {
        super(
                problems.stream()
                        .map(it -> it.api() + ": " + it.code() + ": " + it.message())
                        .collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /// Everything that is wrong, in the order of the APIs.
    public List<LinkProblem> problems() {
        return problems;
    }
}
