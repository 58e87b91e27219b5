package io.mimicore.dataplane.problem;

/// What can go wrong with a request. The codes are stable: clients and runbooks name them.
public enum ProblemCode {
    /// The path holds a `%` without two hex digits, or bytes that are not UTF-8.
    PATH_ENCODING("path-encoding", 400, "The path is not valid percent-encoded UTF-8"),
    /// The path holds a dot segment, and the API puts it behind the base path of its upstream.
    PATH_DOTS("path-dots", 400, "The path holds dot segments"),
    /// The request does not look as the route demands; `violations` says where.
    INVALID_REQUEST("invalid-request", 400, "The request is not what the route expects"),
    /// An argument does not fit the function's parameter.
    CODE_ARGUMENT("code-argument", 400, "An argument does not fit the function"),
    /// A value does not fit its place in the URL or in a header of a call to an upstream.
    UPSTREAM_VALUE("upstream-value", 400, "A value does not fit the call to an upstream"),
    /// No API answers to the host.
    UNKNOWN_HOST("unknown-host", 404, "No API answers to this host"),
    /// The API has no route for the path.
    UNKNOWN_PATH("unknown-path", 404, "The API has no such path"),
    /// The path has routes, but none for the method; `Allow` names those it has.
    METHOD_NOT_ALLOWED("method-not-allowed", 405, "The path does not serve this method"),
    /// The API's rate limit is used up; `Retry-After` says when to come back.
    RATE_LIMITED("rate-limited", 429, "Too many requests"),
    /// A function of user code failed.
    CODE_FAILED("code-failed", 500, "A function failed"),
    /// The rendered body is larger than a node sends.
    RESPONSE_TOO_LARGE("response-too-large", 500, "The response is too large"),
    /// A rendered response header would hold control characters.
    RESPONSE_HEADER("response-header", 500, "A response header cannot be sent"),
    /// A fault of the node.
    INTERNAL("internal", 500, "The node failed to answer"),
    /// A call to an upstream failed.
    UPSTREAM_FAILED("upstream-failed", 502, "An upstream failed"),
    /// Every connection to an upstream is in use, and too many calls wait.
    UPSTREAM_BUSY("upstream-busy", 503, "No connection to the upstream is free"),
    /// No instance of the user code became free in time.
    CODE_BUSY("code-busy", 503, "No instance of the function is free"),
    /// The node has no configuration yet.
    NOT_READY("not-ready", 503, "The node is not ready"),
    /// A call to an upstream was not done in time.
    UPSTREAM_TIMEOUT("upstream-timeout", 504, "An upstream took too long"),
    /// A function of user code ran longer than its deadline.
    CODE_TIMEOUT("code-timeout", 504, "A function ran too long");

    private final String code;
    private final int status;
    private final String title;

    ProblemCode(String code, int status, String title) {
        this.code = code;
        this.status = status;
        this.title = title;
    }

    /// The problem's `type`.
    public String type() {
        return "urn:mimicore:problem:" + code;
    }

    /// The HTTP status.
    public int status() {
        return status;
    }

    /// The problem's `title`, the same for every occurrence.
    public String title() {
        return title;
    }
}
