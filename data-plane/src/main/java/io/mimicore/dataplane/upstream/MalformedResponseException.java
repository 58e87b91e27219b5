package io.mimicore.dataplane.upstream;

/// What an upstream sent is not a response, or one that two readers could take in two ways. Without
/// a stack trace: it is an outcome of a request.
final class MalformedResponseException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedResponseException(String message) {
        super(message, null, false, false);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
