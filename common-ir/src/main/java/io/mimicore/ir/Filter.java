package io.mimicore.ir;

import org.jspecify.annotations.Nullable;

/// What `| name` does to a value.
public enum Filter {
    /// The value as JSON text; as the last filter of a whole string, the JSON value itself.
    JSON("json", 0, 0),
    /// The argument where the value is missing, null or an empty text.
    DEFAULT("default", 1, 1),
    UPPER("upper", 0, 0),
    LOWER("lower", 0, 0),
    /// Without white space at both ends.
    TRIM("trim", 0, 0),
    /// Characters of a text, elements of an array, members of an object.
    LENGTH("length", 0, 0),
    FIRST("first", 0, 0),
    LAST("last", 0, 0),
    /// Elements of an array as one text, the argument between them.
    JOIN("join", 0, 1),
    /// Every occurrence of the first argument replaced by the second.
    REPLACE("replace", 2, 2),
    /// Percent-encoded, everything but unreserved characters (RFC 3986 §2.3).
    URL_ENCODE("url_encode", 0, 0),
    /// Base64 of the UTF-8 text (RFC 4648 §4).
    BASE64("base64", 0, 0),
    /// A number rounded half up to the argument's digits, 0 without one.
    ROUND("round", 0, 1);

    /// Most decimal digits that [#ROUND] rounds to, before the point (negative) and behind it.
    public static final int ROUND_DIGITS_MAX = 20;

    private final String filterName;
    private final int argumentsMin;
    private final int argumentsMax;

    Filter(String filterName, int argumentsMin, int argumentsMax) {
        this.filterName = filterName;
        this.argumentsMin = argumentsMin;
        this.argumentsMax = argumentsMax;
    }

    /// The filter of that name in a template; absent: there is none.
    public static @Nullable Filter named(String filterName) {
        for (Filter filter : values()) {
            if (filter.filterName.equals(filterName)) {
                return filter;
            }
        }
        return null;
    }

    /// The name in a template.
    public String filterName() {
        return filterName;
    }

    /// Fewest arguments in parentheses.
    public int argumentsMin() {
        return argumentsMin;
    }

    /// Most arguments in parentheses.
    public int argumentsMax() {
        return argumentsMax;
    }
}
