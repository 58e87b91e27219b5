package io.mimicore.cli;

import io.mimicore.diagnostics.Diagnostic;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Diagnostics as one JSON document, for `-o json`.
///
/// `{"files": 3, "errors": 1, "diagnostics": [{"file", "line", "column", "pointer", "go_line",
/// "severity", "code", "message", "hint"}]}`; `go_line` is absent outside inline Go source.
final class DiagnosticsJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private DiagnosticsJson() {}

    /// The text of a document.
    static String print(ObjectNode document) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document);
    }

    /// A document, to which more may be added.
    static ObjectNode of(int files, List<Diagnostic> diagnostics) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("files", files);
        root.put("errors", diagnostics.stream().filter(Diagnostic::isError).count());
        ArrayNode list = root.putArray("diagnostics");
        for (Diagnostic diagnostic : diagnostics) {
            ObjectNode node = list.addObject();
            node.put("file", diagnostic.place().file());
            node.put("line", diagnostic.place().line());
            node.put("column", diagnostic.place().column());
            node.put("pointer", diagnostic.place().pointer());
            if (diagnostic.place().goLine() > 0) {
                node.put("go_line", diagnostic.place().goLine());
            }
            node.put("severity", diagnostic.severity().name().toLowerCase(Locale.ROOT));
            node.put("code", diagnostic.code().name());
            node.put("message", diagnostic.message());
            node.put("hint", diagnostic.hint());
        }
        return root;
    }
}
