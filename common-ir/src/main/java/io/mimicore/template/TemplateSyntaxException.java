package io.mimicore.template;

/// Ends the reading of one hole; its problem is what the author sees.
final class TemplateSyntaxException extends Exception {
    private final TemplateProblem problem;

    TemplateSyntaxException(TemplateProblem problem) {
        // Without a stack trace: it never leaves the package.
        super(problem.message(), null, false, false);
        this.problem = problem;
    }

    TemplateProblem problem() {
        return problem;
    }
}
