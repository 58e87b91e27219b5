package io.mimicore.diagnostics;

/// Stable codes of problems; the name is what users see and search for.
public enum DiagnosticCode {
    /// Not JSON (RFC 8259).
    JSON_SYNTAX,
    /// A name comes twice in one object.
    JSON_DUPLICATE_KEY,
    /// Nested deeper than 100.
    JSON_TOO_DEEP,
    /// Larger than 4 MiB.
    FILE_TOO_LARGE,
    /// The file cannot be read.
    FILE_UNREADABLE,
    /// Not UTF-8.
    FILE_ENCODING,
    /// A field that the format does not have.
    FIELD_UNKNOWN,
    /// A required field is missing.
    FIELD_MISSING,
    /// A value of another JSON type than expected.
    FIELD_TYPE,
    /// A value outside its range or set.
    FIELD_VALUE,
    /// Two fields that cannot stand together.
    FIELD_CONFLICT,
    /// Two APIs, routes, names or variables that are the same.
    DUPLICATE,
    /// A `path` that is no pattern.
    PATH_SYNTAX,
    /// A `from` that names no part of the request.
    SOURCE_SYNTAX,
    /// A regular expression outside RE2.
    PATTERN_SYNTAX,
    /// A JSON Schema that is none.
    SCHEMA_INVALID,
    /// A template that does not parse.
    TEMPLATE_SYNTAX,
    /// A name in a template that nothing defines.
    NAME_UNKNOWN,
    /// A function that the code does not export.
    FUNCTION_UNKNOWN,
    /// A wrong number of arguments.
    FUNCTION_ARITY,
    /// An argument that can never fit the parameter.
    ARGUMENT_TYPE,
    /// A filter that does not exist.
    FILTER_UNKNOWN,
    /// Calls that wait for each other.
    CALL_CYCLE,
    /// More than a limit allows.
    LIMIT,
    /// User code that is refused or does not compile.
    GO_SOURCE,
    /// User code could not be built; not the author's fault.
    BUILD_UNAVAILABLE,
    /// User code that a node cannot fetch, through no fault of the file; it is tried again.
    ARTIFACT_UNAVAILABLE,
    /// A field of the format that this build does not serve.
    UNSUPPORTED,
    /// A directory of configs that is gone, cannot be read or lost many files at once.
    SOURCE_ALARM,
    /// A defect of the program; the file may be right.
    INTERNAL
}
