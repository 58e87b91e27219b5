package io.mimicore.config;

import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.ir.Validation.Dialect;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Follows a schema's subschemas: their references must lead to a place inside it, without a ring
/// that validation would run round for ever, and their patterns must be regular expressions.
///
/// Used once for one schema.
final class SchemaReferences {
    private static final Set<String> ONE =
            Set.of(
                    "additionalItems",
                    "additionalProperties",
                    "contains",
                    "contentSchema",
                    "else",
                    "if",
                    "items",
                    "not",
                    "propertyNames",
                    "then",
                    "unevaluatedItems",
                    "unevaluatedProperties");
    private static final Set<String> LISTS =
            Set.of("allOf", "anyOf", "items", "oneOf", "prefixItems");
    private static final Set<String> MAPS =
            Set.of(
                    "$defs",
                    "definitions",
                    "dependencies",
                    "dependentSchemas",
                    "patternProperties",
                    "properties");

    /// Keywords that apply their schemas to the same value, not to a part of it.
    private static final Set<String> IN_PLACE =
            Set.of(
                    "allOf",
                    "anyOf",
                    "dependencies",
                    "dependentSchemas",
                    "else",
                    "if",
                    "not",
                    "oneOf",
                    "then");

    private static final List<String> REFERENCES = List.of("$ref", "$dynamicRef", "$recursiveRef");

    /// Stands for the place of a schema that has no `$id`; nothing can refer to it by name.
    private static final URI NOWHERE = URI.create("http://schema.invalid/");

    private final Problems problems;
    private final Patterns patterns;
    private final String idKeyword;
    private final Map<String, LocatedJson.Fields> byUri = new HashMap<>();
    private final IdentityHashMap<LocatedJson.Fields, URI> bases = new IdentityHashMap<>();
    private final List<LocatedJson.Fields> walked = new ArrayList<>();
    private final IdentityHashMap<LocatedJson.Fields, List<LocatedJson.Fields>> inPlace =
            new IdentityHashMap<>();
    private final Deque<Visit> waiting = new ArrayDeque<>();

    SchemaReferences(Problems problems, Dialect dialect) {
        this.problems = problems;
        this.patterns = new Patterns(problems);
        this.idKeyword = dialect == Dialect.DRAFT_4 ? "id" : "$id";
    }

    private record Visit(LocatedJson.Fields schema, URI base) {}

    /// Reports everything that is wrong.
    void check(LocatedJson schema) {
        if (!(schema instanceof LocatedJson.Fields root)) {
            return;
        }
        byUri.put(NOWHERE.toString(), root);
        waiting.add(new Visit(root, NOWHERE));
        walkWaiting();
        // References may lead to subschemas under keywords of the author's own: walk those too.
        for (int i = 0; i < walked.size(); i++) {
            resolveReferences(walked.get(i));
            walkWaiting();
        }
        findRing();
    }

    private void walkWaiting() {
        while (!waiting.isEmpty()) {
            Visit visit = waiting.poll();
            if (!bases.containsKey(visit.schema())) {
                walk(visit.schema(), visit.base());
            }
        }
    }

    private void walk(LocatedJson.Fields schema, URI outer) {
        URI base = base(schema, outer);
        bases.put(schema, base);
        walked.add(schema);
        inPlace.put(schema, new ArrayList<>());
        for (LocatedJson.Member member : schema.members()) {
            String keyword = member.name();
            switch (member.value()) {
                case LocatedJson.Fields single when ONE.contains(keyword) ->
                        child(schema, keyword, single);
                case LocatedJson.Fields map when MAPS.contains(keyword) -> {
                    for (LocatedJson.Member entry : map.members()) {
                        if (keyword.equals("patternProperties")) {
                            patterns.checkInSchema(
                                    entry.name(), keyword, entry.nameOffset(), map.pointer());
                        }
                        child(schema, keyword, entry.value());
                    }
                }
                case LocatedJson.Array list when LISTS.contains(keyword) ->
                        list.elements().forEach(element -> child(schema, keyword, element));
                case LocatedJson.Text text when keyword.equals("pattern") ->
                        patterns.checkInSchema(text.text(), keyword, text.offset(), text.pointer());
                case LocatedJson.Fields _,
                        LocatedJson.Array _,
                        LocatedJson.Text _,
                        LocatedJson.Number _,
                        LocatedJson.Bool _,
                        LocatedJson.Null _ -> {}
            }
        }
    }

    private void child(LocatedJson.Fields parent, String keyword, LocatedJson value) {
        if (value instanceof LocatedJson.Fields schema) {
            waiting.add(new Visit(schema, bases.getOrDefault(parent, NOWHERE)));
            if (IN_PLACE.contains(keyword)) {
                link(parent, schema);
            }
        }
    }

    private void link(LocatedJson.Fields from, LocatedJson.Fields to) {
        inPlace.computeIfAbsent(from, _ -> new ArrayList<>()).add(to);
    }

    /// The base that references in this schema are relative to; notes its names on the way.
    private URI base(LocatedJson.Fields schema, URI outer) {
        URI base = outer;
        if (schema.find(idKeyword) instanceof LocatedJson.Text id) {
            URI resolved = resolve(outer, id);
            if (resolved != null && id.text().startsWith("#")) {
                byUri.putIfAbsent(resolved.toString(), schema);
            } else if (resolved != null) {
                base = withoutFragment(resolved);
                byUri.putIfAbsent(base.toString(), schema);
            }
        }
        for (String keyword : List.of("$anchor", "$dynamicAnchor")) {
            if (schema.find(keyword) instanceof LocatedJson.Text anchor) {
                byUri.putIfAbsent(base + "#" + anchor.text(), schema);
            }
        }
        return base;
    }

    private void resolveReferences(LocatedJson.Fields schema) {
        for (String keyword : REFERENCES) {
            if (schema.find(keyword) instanceof LocatedJson.Text reference) {
                URI target = resolve(bases.getOrDefault(schema, NOWHERE), reference);
                if (target != null) {
                    follow(schema, reference, target);
                }
            }
        }
    }

    private void follow(LocatedJson.Fields schema, LocatedJson.Text reference, URI target) {
        if (SchemaDialect.isMetaSchema(target.toString())) {
            return;
        }
        URI document = withoutFragment(target);
        LocatedJson.Fields resource = byUri.get(document.toString());
        if (resource == null) {
            invalid(
                    reference,
                    "a place inside this schema",
                    "schemas are not fetched; copy it into $defs");
            return;
        }
        String fragment = target.getRawFragment() == null ? "" : target.getRawFragment();
        LocatedJson found =
                fragment.isEmpty() || fragment.startsWith("/")
                        ? at(resource, fragment)
                        : byUri.get(target.toString());
        switch (found) {
            case LocatedJson.Fields fields -> {
                waiting.add(new Visit(fields, bases.getOrDefault(resource, NOWHERE)));
                link(schema, fields);
            }
            case LocatedJson.Bool _ -> {}
            case null -> invalid(reference, "a place that exists", "");
            case LocatedJson other ->
                    invalid(reference, "a schema, but " + other.shown() + " stands there", "");
        }
    }

    private static @Nullable LocatedJson at(LocatedJson.Fields resource, String pointer) {
        LocatedJson at = resource;
        if (pointer.isEmpty()) {
            return at;
        }
        for (String escaped : pointer.substring(1).split("/", -1)) {
            String token = decode(escaped).replace("~1", "/").replace("~0", "~");
            at =
                    switch (at) {
                        case LocatedJson.Fields fields -> fields.find(token);
                        case LocatedJson.Array array -> element(array, token);
                        case null -> null;
                        case LocatedJson _ -> null;
                    };
        }
        return at;
    }

    private static @Nullable LocatedJson element(LocatedJson.Array array, String token) {
        if (!token.matches("0|[1-9][0-9]{0,8}")) {
            return null;
        }
        int index = Integer.parseInt(token);
        return index < array.elements().size() ? array.elements().get(index) : null;
    }

    private static String decode(String token) {
        // In a fragment, + is itself; the decoder of forms would take it for a space.
        return URLDecoder.decode(token.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private @Nullable URI resolve(URI base, LocatedJson.Text reference) {
        try {
            return base.resolve(new URI(reference.text()));
        } catch (URISyntaxException _) {
            invalid(reference, "a URI reference (RFC 3986)", "");
            return null;
        }
    }

    private static URI withoutFragment(URI uri) {
        String text = uri.toString();
        int hash = text.indexOf('#');
        return hash < 0 ? uri : URI.create(text.substring(0, hash));
    }

    /// Depth first, without recursion: a chain may be as long as the file.
    private void findRing() {
        Set<LocatedJson.Fields> done = Collections.newSetFromMap(new IdentityHashMap<>());
        for (LocatedJson.Fields start : walked) {
            Deque<Iterator<LocatedJson.Fields>> path = new ArrayDeque<>();
            Deque<LocatedJson.Fields> onPath = new ArrayDeque<>();
            Set<LocatedJson.Fields> active = Collections.newSetFromMap(new IdentityHashMap<>());
            LocatedJson.Fields next = start;
            while (true) {
                if (next != null && active.contains(next)) {
                    ring(next);
                    return;
                }
                if (next != null && !done.contains(next)) {
                    active.add(next);
                    onPath.push(next);
                    path.push(inPlace.getOrDefault(next, List.of()).iterator());
                }
                if (path.isEmpty()) {
                    break;
                }
                if (path.element().hasNext()) {
                    next = path.element().next();
                } else {
                    path.pop();
                    LocatedJson.Fields left = onPath.pop();
                    active.remove(left);
                    done.add(left);
                    next = null;
                }
            }
        }
    }

    private void ring(LocatedJson.Fields schema) {
        problems.error(
                schema,
                DiagnosticCode.SCHEMA_INVALID,
                "$ref: leads back to where it stands (expected: an end)",
                "a schema may contain itself only below properties or items");
    }

    private void invalid(LocatedJson.Text reference, String expected, String hint) {
        problems.error(
                reference,
                DiagnosticCode.SCHEMA_INVALID,
                reference.pointer().token()
                        + ": "
                        + reference.shown()
                        + " (expected: "
                        + expected
                        + ")",
                hint);
    }
}
