package io.mimicore.controlplane.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.controlplane.source.SourceId;
import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Wishes made of texts: an API's IR is `ir TEXT`, its author's file is `src TEXT`.
public final class Forms {
    private static final SourceId SOURCE = SourceId.directory(Path.of("/configs"));

    private Forms() {}

    /// What shall be live.
    ///
    /// @param texts by the API's name
    public static Desired desired(Map<String, String> texts) {
        SortedMap<String, ApiForm> forms = new TreeMap<>();
        Map<Digest, byte[]> content = new HashMap<>();
        texts.forEach((api, text) -> {
            byte[] ir = ("ir " + text).getBytes(UTF_8);
            byte[] source = ("src " + text).getBytes(UTF_8);
            content.put(Digest.of(ir), ir);
            content.put(Digest.of(source), source);
            forms.put(api, form(api, ir, source));
        });
        return new Desired(1, forms, content);
    }

    private static ApiForm form(String api, byte[] ir, byte[] source) {
        return new ApiForm(
                new ApiEntry(api, Digest.of(ir), List.of()),
                new ApiForm.Origin(SOURCE, "/configs/" + api + ".json", Digest.of(source), null),
                "test",
                1,
                ir.length,
                false);
    }
}
