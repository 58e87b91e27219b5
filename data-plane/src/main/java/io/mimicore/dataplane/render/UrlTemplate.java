package io.mimicore.dataplane.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.call.Authority;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.value.ByteArraySink;
import io.mimicore.dataplane.value.ValuePrinter;
import io.mimicore.ir.Expression;
import io.mimicore.ir.Filter;
import io.mimicore.ir.TextTemplate;
import java.net.IDN;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A URL with holes, taken apart when a snapshot is linked. Immutable.
///
/// A value fills the component it stands in and cannot leave it (RFC 3986 §2.4): in the path and in
/// the query everything but unreserved characters is percent-encoded; in the host only letters,
/// digits, `-` and `_` pass, other letters as Punycode, and a dot only where the hole is the whole
/// host; a port is a number. Where encoding does not help, because servers resolve them even
/// encoded, `.` and `..` as segments, the value is refused. `| url_encode` at the end of a hole
/// changes nothing: what it would do is done in any case.
public final class UrlTemplate {
    /// Longest path and query together, in bytes: as long as what a node reads itself.
    private static final int TARGET_BYTES_MAX = 8 * 1024;

    private static final int HOST_CHARS_MAX = 253;
    private static final int PORT_DIGITS_MAX = 5;
    private static final int PORT_MAX = 65_535;

    private final boolean secure;
    private final List<Piece> host;
    private final List<Piece> port;
    private final @Nullable Authority authority;

    /// Of the target: its path, then its query with the question mark.
    private final List<Piece> path;

    private final List<Piece> query;
    private final byte @Nullable [] target;

    private UrlTemplate(Builder builder) {
        this.secure = builder.secure;
        this.host = List.copyOf(builder.host);
        this.port = List.copyOf(builder.port);
        this.path = List.copyOf(builder.path);
        this.query = List.copyOf(builder.query);
        boolean fixed = isLiteral(host) && isLiteral(port);
        this.authority = fixed ? new Authority(secure, literal(host), literalPort()) : null;
        this.target =
                isLiteral(path) && isLiteral(query)
                        ? (literal(path) + literal(query)).getBytes(UTF_8)
                        : null;
    }

    /// Takes a URL apart.
    ///
    /// @throws IllegalArgumentException if it is none, or names a path parameter that the route
    ///   does not have
    static UrlTemplate of(TextTemplate url, TemplateCompiler compiler) {
        Builder builder = new Builder(compiler);
        url.parts().forEach(builder::add);
        return builder.build();
    }

    /// The authority, if it is the same for every request.
    public @Nullable Authority fixedAuthority() {
        return authority;
    }

    /// The authority for a request.
    ///
    /// @throws ValueException if a value does not fit
    public Authority authority(Scope scope) throws ValueException {
        return authority != null
                ? authority
                : new Authority(secure, renderHost(scope), renderPort(scope));
    }

    /// Path and query for a request, from the first `/`. Nobody may write to it.
    ///
    /// @throws ValueException if a value does not fit
    public byte[] target(Scope scope) throws ValueException {
        if (target != null) {
            return target;
        }
        var sink = new ByteArraySink(TARGET_BYTES_MAX);
        try {
            render(path, scope, sink);
            if (!isLiteral(path)) {
                requireNoDotSegments(sink.toByteArray());
            }
            render(query, scope, sink);
        } catch (ByteSink.Overflow e) {
            throw new ValueException("url: longer than " + TARGET_BYTES_MAX + " bytes");
        }
        return sink.toByteArray();
    }

    /// Adds every slot it reads.
    public void addSlotsTo(BitSet slots) {
        for (List<Piece> pieces : List.of(host, port, path, query)) {
            for (Piece piece : pieces) {
                if (piece instanceof Hole hole) {
                    hole.node().addSlotsTo(slots);
                }
            }
        }
    }

    private static void render(List<Piece> pieces, Scope scope, ByteArraySink sink) {
        for (Piece piece : pieces) {
            switch (piece) {
                case Text text -> sink.write(text.utf8());
                case Hole hole ->
                        ValuePrinter.printText(
                                hole.node().evaluate(scope), new PercentEncodingSink(sink));
            }
        }
    }

    private String renderHost(Scope scope) throws ValueException {
        StringBuilder name = new StringBuilder();
        boolean whole = host.size() == 1;
        for (Piece piece : host) {
            switch (piece) {
                case Text text -> name.append(text.text());
                case Hole hole ->
                        name.append(
                                hostPart(ValuePrinter.text(hole.node().evaluate(scope)), whole));
            }
        }
        String text = name.toString();
        if (text.length() > HOST_CHARS_MAX || text.startsWith(".") || text.contains("..")) {
            throw new ValueException("url: the value does not make a host's name");
        }
        return text;
    }

    /// One value as a host or a part of one.
    ///
    /// Characters are judged after the mapping of IDNA, which makes plain ones out of their
    /// full-width forms, a slash or a dot among them.
    private static String hostPart(String value, boolean whole) throws ValueException {
        String ascii;
        try {
            ascii = value.length() > HOST_CHARS_MAX ? "" : IDN.toASCII(value);
        } catch (IllegalArgumentException e) {
            ascii = "";
        }
        String lower = ascii.toLowerCase(Locale.ROOT);
        boolean valid = !lower.isEmpty();
        for (int i = 0; i < lower.length() && valid; i++) {
            char c = lower.charAt(i);
            valid =
                    (c >= 'a' && c <= 'z')
                            || (c >= '0' && c <= '9')
                            || c == '-'
                            || c == '_'
                            || (c == '.' && whole);
        }
        if (!valid) {
            throw new ValueException(
                    "url: the value for the host has characters that none there has, or is empty");
        }
        return lower;
    }

    private int renderPort(Scope scope) throws ValueException {
        StringBuilder digits = new StringBuilder();
        for (Piece piece : port) {
            switch (piece) {
                case Text text -> digits.append(text.text());
                case Hole hole -> digits.append(ValuePrinter.text(hole.node().evaluate(scope)));
            }
        }
        int number = digits.isEmpty() ? Authority.defaultPort(secure) : port(digits.toString());
        if (number < 1) {
            throw new ValueException("url: the value for the port is none (expected: 1..65535)");
        }
        return number;
    }

    private int literalPort() {
        String digits = literal(port);
        int number = digits.isEmpty() ? Authority.defaultPort(secure) : port(digits);
        if (number < 1) {
            throw new IllegalArgumentException("url: port " + digits + " (expected: 1..65535)");
        }
        return number;
    }

    /// 0: it is none.
    private static int port(String digits) {
        if (digits.isEmpty()
                || digits.length() > PORT_DIGITS_MAX
                || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return 0;
        }
        int number = Integer.parseInt(digits);
        return number <= PORT_MAX ? number : 0;
    }

    /// Refuses segments that are `.` or `..`, also where slashes or dots are percent-encoded:
    /// servers decode a path before they resolve it.
    private static void requireNoDotSegments(byte[] path) throws ValueException {
        int dots = 0;
        boolean others = false;
        int i = 0;
        while (i < path.length) {
            int c = path[i];
            if (c == '%' && i + 2 < path.length) {
                c = 16 * Character.digit(path[i + 1], 16) + Character.digit(path[i + 2], 16);
                i += 2;
            }
            i++;
            if (c == '/' || c == '\\') {
                requireSegment(dots, others);
                dots = 0;
                others = false;
            } else if (c == '.') {
                dots++;
            } else {
                others = true;
            }
        }
        requireSegment(dots, others);
    }

    private static void requireSegment(int dots, boolean others) throws ValueException {
        if (!others && (dots == 1 || dots == 2)) {
            throw new ValueException("url: a value makes a segment . or .. of the path");
        }
    }

    private static boolean isLiteral(List<Piece> pieces) {
        return pieces.stream().allMatch(Text.class::isInstance);
    }

    private static String literal(List<Piece> pieces) {
        StringBuilder text = new StringBuilder();
        for (Piece piece : pieces) {
            if (piece instanceof Text part) {
                text.append(part.text());
            }
        }
        return text.toString();
    }

    /// A value does not fit its place in a URL. Without a stack trace: it is an outcome of a
    /// request.
    public static final class ValueException extends Exception {
        private static final long serialVersionUID = 1L;

        ValueException(String message) {
            super(message, null, false, false);
        }

        /// For the client.
        public String text() {
            return String.valueOf(getMessage());
        }
    }

    private sealed interface Piece {}

    // Compared by identity only: a record here is a plain carrier.
    @SuppressWarnings("ArrayRecordComponent")
    private record Text(String text, byte[] utf8) implements Piece {}

    private record Hole(Node node) implements Piece {}

    /// Follows the URL from component to component.
    private static final class Builder {
        private static final String HTTP = "http://";
        private static final String HTTPS = "https://";

        private enum Component {
            SCHEME,
            HOST,
            PORT,
            PATH,
            QUERY,
            FRAGMENT
        }

        private final TemplateCompiler compiler;
        private final List<Piece> host = new ArrayList<>();
        private final List<Piece> port = new ArrayList<>();
        private final List<Piece> path = new ArrayList<>();
        private final List<Piece> query = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private Component component = Component.SCHEME;
        private boolean secure;

        Builder(TemplateCompiler compiler) {
            this.compiler = compiler;
        }

        void add(TextTemplate.Part part) {
            switch (part) {
                case TextTemplate.Literal literal -> addLiteral(literal.text());
                case TextTemplate.Hole hole -> addHole(hole.expression());
            }
        }

        UrlTemplate build() {
            flush();
            if (component == Component.SCHEME || host.isEmpty()) {
                throw new IllegalArgumentException(
                        "url: (expected: http:// or https:// and a host)");
            }
            if (path.isEmpty()) {
                path.add(new Text("/", new byte[] {'/'}));
            }
            return new UrlTemplate(this);
        }

        private void addHole(Expression expression) {
            flush();
            Expression value = withoutEncoding(expression);
            switch (component) {
                case SCHEME ->
                        throw new IllegalArgumentException(
                                "url: (expected: the scheme in the text)");
                case HOST -> host.add(new Hole(compiler.compile(value)));
                case PORT -> port.add(new Hole(compiler.compile(value)));
                case PATH -> path.add(new Hole(compiler.compile(value)));
                case QUERY -> query.add(new Hole(compiler.compile(value)));
                case FRAGMENT -> {}
            }
        }

        private static Expression withoutEncoding(Expression expression) {
            return expression instanceof Expression.Filtered filtered
                            && filtered.filter() == Filter.URL_ENCODE
                    ? filtered.input()
                    : expression;
        }

        private void addLiteral(String literal) {
            String rest = component == Component.SCHEME ? afterScheme(literal) : literal;
            for (int i = 0; i < rest.length(); ) {
                int point = rest.codePointAt(i);
                i += Character.charCount(point);
                step(point);
            }
        }

        private String afterScheme(String literal) {
            component = Component.HOST;
            if (literal.regionMatches(true, 0, HTTPS, 0, HTTPS.length())) {
                secure = true;
                return literal.substring(HTTPS.length());
            }
            if (literal.regionMatches(true, 0, HTTP, 0, HTTP.length())) {
                return literal.substring(HTTP.length());
            }
            throw new IllegalArgumentException("url: (expected: http:// or https:// and a host)");
        }

        private void step(int c) {
            switch (component) {
                case HOST, PORT -> stepAuthority(c);
                case PATH -> {
                    if (c == '?') {
                        enter(Component.QUERY);
                        text.append('?');
                    } else {
                        stepTarget(c);
                    }
                }
                case QUERY -> stepTarget(c);
                case SCHEME, FRAGMENT -> {}
            }
        }

        private void stepAuthority(int c) {
            if (c == '/') {
                enter(Component.PATH);
                text.append('/');
            } else if (c == '?') {
                enter(Component.PATH);
                text.append('/');
                enter(Component.QUERY);
                text.append('?');
            } else if (c == '#') {
                enter(Component.FRAGMENT);
            } else if (c == '@') {
                throw new IllegalArgumentException("url: (expected: no user and password)");
            } else if (c == ':' && component == Component.HOST && !isInBrackets()) {
                enter(Component.PORT);
            } else if (c != '[' && c != ']') {
                text.appendCodePoint(Character.toLowerCase(c));
            } else if (c == '[') {
                text.append('[');
            } else {
                text.deleteCharAt(text.indexOf("["));
            }
        }

        private boolean isInBrackets() {
            return text.indexOf("[") == 0;
        }

        /// Characters that a URL cannot hold are encoded; what is encoded already stays so.
        private void stepTarget(int c) {
            if (c == '#') {
                enter(Component.FRAGMENT);
            } else if (c > ' ' && c < 0x7f && "\"<>\\^`{|}".indexOf(c) < 0) {
                text.append((char) c);
            } else {
                for (byte b : Character.toString(c).getBytes(UTF_8)) {
                    PercentEncodingSink.appendEncoded(b, text);
                }
            }
        }

        private void enter(Component next) {
            flush();
            component = next;
        }

        private void flush() {
            if (text.isEmpty()) {
                return;
            }
            String literal = text.toString();
            text.setLength(0);
            switch (component) {
                case HOST -> host.add(new Text(literal, literal.getBytes(UTF_8)));
                case PORT -> port.add(new Text(literal, literal.getBytes(UTF_8)));
                case PATH -> path.add(new Text(literal, literal.getBytes(UTF_8)));
                case QUERY -> query.add(new Text(literal, literal.getBytes(UTF_8)));
                case SCHEME, FRAGMENT -> {}
            }
        }
    }
}
