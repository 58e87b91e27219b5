package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads requests the slow and obvious way: the model that the parser is compared with.
///
/// Takes the whole input at once, line by line, as text; refuses what RFC 9112 lets a strict
/// recipient refuse.
final class StrictReader {
    /// What a whole input holds.
    ///
    /// @param requests complete ones, before anything wrong
    /// @param answers how many answers are owed: one for each request, one for a refusal
    record Reading(List<Request> requests, int answers) {}

    /// A complete request.
    record Request(String method, String target, String body) {}

    /// Ends the reading: nothing after this point counts.
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /// Ends the reading: the rest has not come.
    private static final class Incomplete extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private final String input;
    private final int bodyBytesMax;
    private int at;

    private StrictReader(byte[] input, int bodyBytesMax) {
        this.input = new String(input, ISO_8859_1);
        this.bodyBytesMax = bodyBytesMax;
    }

    static Reading read(byte[] input, int bodyBytesMax) {
        return new StrictReader(input, bodyBytesMax).all();
    }

    private Reading all() {
        List<Request> requests = new ArrayList<>();
        try {
            while (true) {
                Map<String, List<String>> fields = new HashMap<>();
                if (input.startsWith("\r\n", at)) {
                    at += 2;
                }
                String requestLine = line();
                require(!requestLine.isEmpty());
                for (String line = line(); !line.isEmpty(); line = line()) {
                    field(line, fields);
                }
                String[] words = requestLine.split(" ", -1);
                String body = checkedHead(words, fields) ? chunked() : sized(fields);
                requests.add(new Request(words[0], path(words[1]), body));
                if (closes(words[2], fields)) {
                    return new Reading(requests, requests.size());
                }
            }
        } catch (Refused _) {
            return new Reading(requests, requests.size() + 1);
        } catch (Incomplete _) {
            return new Reading(requests, requests.size());
        }
    }

    /// A line without its CR LF; control characters are refused only when the head is complete.
    private String line() throws Refused, Incomplete {
        int end = input.indexOf('\n', at);
        if (end < 0) {
            throw new Incomplete();
        }
        if (end == at || input.charAt(end - 1) != '\r') {
            throw new Refused();
        }
        String line = input.substring(at, end - 1);
        at = end + 1;
        return line;
    }

    private static void field(String line, Map<String, List<String>> fields) {
        // What is wrong with a line counts when the head has ended: kept under a name of its own.
        boolean good = line.matches(TOKEN + ":[\\t\\x20-\\x7e\\x80-\\xff]*");
        int colon = line.indexOf(':');
        String name = good ? line.substring(0, colon).toLowerCase(Locale.ROOT) : "(wrong)";
        String value = good ? line.substring(colon + 1).replaceAll("^[ \\t]+|[ \\t]+$", "") : line;
        fields.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    /// @return whether the body is chunked
    private static boolean checkedHead(String[] words, Map<String, List<String>> fields)
            throws Refused {
        require(words.length == 3 && words[0].matches(TOKEN));
        require(words[2].equals("HTTP/1.1") || words[2].equals("HTTP/1.0"));
        require(!fields.containsKey("(wrong)"));
        require(words[1].matches("[!-\"$-~]+"));
        String authority = authority(words);
        boolean old = words[2].equals("HTTP/1.0");
        List<String> hosts = fields.getOrDefault("host", List.of());
        require(hosts.size() == 1 || (old && hosts.isEmpty()));
        for (String host : hosts) {
            require(isHost(host));
            require(authority == null || authority.equalsIgnoreCase(host));
        }
        require(authority == null || isHost(authority));
        for (String expectation : fields.getOrDefault("expect", List.of())) {
            require(expectation.equalsIgnoreCase("100-continue"));
        }
        List<String> codings = fields.getOrDefault("transfer-encoding", List.of());
        List<String> lengths = fields.getOrDefault("content-length", List.of());
        require(codings.isEmpty() || (!old && codings.size() == 1 && lengths.isEmpty()));
        require(codings.isEmpty() || codings.getFirst().equalsIgnoreCase("chunked"));
        require(lengths.size() <= 1);
        require(lengths.isEmpty() || lengths.getFirst().matches("[0-9]{1,18}"));
        return !codings.isEmpty();
    }

    private static @Nullable String authority(String[] words) throws Refused {
        String target = words[1];
        if (target.startsWith("/") || (target.equals("*") && words[0].equals("OPTIONS"))) {
            return null;
        }
        String lower = target.toLowerCase(Locale.ROOT);
        int from = lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : -1;
        require(from > 0 && target.length() > from);
        int end = from;
        while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        require(end < target.length() && target.charAt(end) == '/');
        return target.substring(from, end);
    }

    /// Path and query; an empty query is none.
    private static String path(String target) {
        boolean absolute = !target.startsWith("/") && !target.equals("*");
        String path = absolute ? target.substring(target.indexOf('/', 8)) : target;
        return path.indexOf('?') == path.length() - 1 ? path.replace("?", "") : path;
    }

    private static boolean isHost(String text) {
        return text.matches("(\\[[0-9A-Fa-f:.\\[]*\\]|[0-9A-Za-z._~%-]*)(:[0-9]*)?");
    }

    private String sized(Map<String, List<String>> fields) throws Refused, Incomplete {
        List<String> lengths = fields.getOrDefault("content-length", List.of());
        long length = lengths.isEmpty() ? 0 : Long.parseLong(lengths.getFirst());
        require(length <= bodyBytesMax);
        return take((int) length);
    }

    private String chunked() throws Refused, Incomplete {
        var body = new StringBuilder();
        while (true) {
            String size = chunkLine();
            require(size.matches("[0-9A-Fa-f]{1,8}(;[\\t\\x20-\\x7e\\x80-\\xff]{0,255})?"));
            long length = Long.parseLong(size.replaceAll("(?s);.*", ""), 16);
            require(body.length() + length <= bodyBytesMax);
            if (length == 0) {
                trailers();
                return body.toString();
            }
            body.append(take((int) length));
            String end = take(2);
            require(end.equals("\r\n"));
        }
    }

    /// A line of a size; one that is longer than any size can be is refused before it ends.
    private String chunkLine() throws Refused, Incomplete {
        require(input.indexOf('\n', at) >= 0 || input.length() - at <= 8 + 256);
        return line();
    }

    private void trailers() throws Refused, Incomplete {
        int from = at;
        do {
            require(input.indexOf('\n', at) >= 0 || input.length() - from <= 8192);
        } while (!line().isEmpty());
        require(at - from <= 8192);
    }

    private String take(int length) throws Incomplete {
        if (input.length() - at < length) {
            throw new Incomplete();
        }
        String taken = input.substring(at, at + length);
        at += length;
        return taken;
    }

    private static boolean closes(String version, Map<String, List<String>> fields) {
        boolean keep = version.equals("HTTP/1.1");
        for (String value : fields.getOrDefault("connection", List.of())) {
            for (String option : value.split(",", -1)) {
                String word = option.replaceAll("^ +| +$", "");
                if (word.equalsIgnoreCase("close")) {
                    keep = false;
                } else if (version.equals("HTTP/1.0") && word.equalsIgnoreCase("keep-alive")) {
                    keep = true;
                }
            }
        }
        return !keep;
    }

    private static void require(boolean holds) throws Refused {
        if (!holds) {
            throw new Refused();
        }
    }
}
