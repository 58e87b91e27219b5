package io.mimicore.template;

import io.mimicore.ir.Argument;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.JsonPrinter;
import io.mimicore.ir.JsonTemplate;
import io.mimicore.ir.JsonValue;
import io.mimicore.ir.NumericType;
import io.mimicore.ir.TextTemplate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One case of a `.case` file: a template and what becomes of it.
///
/// A file begins with lines that hold for all its cases: `as text|json|argument`, `vars a b`, `path
/// a b`, `numeric name type… -> type`, `raw name`, `json name type…`, or `unbuilt` for code that
/// could not be built. Then come cases, each led by a line `====`: the template, a line `----`, and
/// the printed parts or the problems.
record TemplateCase(String name, Setting setting, String template, String expected) {
    private static final String CASE = "====\n";
    private static final String EXPECTED = "\n----\n";

    /// What a file's first lines say.
    record Setting(String as, List<String> variables, Scope scope) {}

    /// The cases of a file.
    static List<TemplateCase> parse(String file, String content) {
        List<String> sections = Arrays.asList(content.split(CASE, -1));
        Setting setting = setting(sections.getFirst().lines().toList());
        List<TemplateCase> cases = new ArrayList<>();
        for (String section : sections.subList(1, sections.size())) {
            int separator = ("\n" + section).indexOf(EXPECTED);
            if (separator < 0) {
                throw new IllegalArgumentException(file + ": " + section + " (expected: a ----)");
            }
            String template = section.substring(0, Math.max(0, separator - 1));
            String expected = ("\n" + section).substring(separator + EXPECTED.length());
            cases.add(
                    new TemplateCase(
                            file + " " + (cases.size() + 1) + ": " + template,
                            setting,
                            template,
                            expected.strip()));
        }
        return cases;
    }

    /// Compiles the template and prints the result, or the problems if there are any.
    String outcome() {
        List<String> problems = new ArrayList<>();
        TemplateCompiler compiler =
                new TemplateCompiler(setting.scope(), problem -> problems.add(print(problem)));
        List<String> parts =
                switch (setting.as()) {
                    case "text" -> print(compiler.text(template));
                    case "json" -> compiler.jsonString(template).stream().map(this::print).toList();
                    case "argument" -> print(compiler.argument(template));
                    default -> throw new IllegalArgumentException("as: " + setting.as());
                };
        return String.join("\n", problems.isEmpty() ? parts : problems);
    }

    private static Setting setting(List<String> lines) {
        String as = "text";
        List<String> variables = List.of();
        Set<String> pathParameters = Set.of();
        List<FunctionSignature> functions = new ArrayList<>();
        boolean built = true;
        for (String line : lines) {
            List<String> words = List.of(line.split(" +"));
            List<String> rest = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "as" -> as = rest.getFirst();
                case "vars" -> variables = rest;
                case "path" -> pathParameters = Set.copyOf(rest);
                case "numeric" -> functions.add(numeric(rest));
                case "raw" -> functions.add(new FunctionSignature.Raw(rest.getFirst()));
                case "json" ->
                        functions.add(
                                new FunctionSignature.Json(
                                        rest.getFirst(),
                                        rest.subList(1, rest.size()),
                                        true,
                                        false));
                case "unbuilt" -> built = false;
                default -> throw new IllegalArgumentException("setting: " + line);
            }
        }
        List<String> names = variables;
        Map<String, Integer> slots =
                IntStream.range(0, names.size())
                        .boxed()
                        .collect(Collectors.toMap(names::get, slot -> slot));
        return new Setting(as, names, new Scope(slots, pathParameters, built ? functions : null));
    }

    private static FunctionSignature numeric(List<String> words) {
        int arrow = words.indexOf("->");
        List<NumericType> parameters =
                words.subList(1, arrow).stream().map(TemplateCase::type).toList();
        @Nullable NumericType result = arrow + 1 < words.size() ? type(words.get(arrow + 1)) : null;
        return new FunctionSignature.Numeric(words.getFirst(), parameters, result);
    }

    private static NumericType type(String goName) {
        return Arrays.stream(NumericType.values())
                .filter(type -> type.goName().equals(goName))
                .findFirst()
                .orElseThrow();
    }

    private static String print(TemplateProblem problem) {
        String headline =
                problem.offset()
                        + "+"
                        + problem.length()
                        + " "
                        + problem.code()
                        + ": "
                        + problem.message();
        return problem.hint().isEmpty() ? headline : headline + "\n    " + problem.hint();
    }

    private List<String> print(TextTemplate template) {
        return template.parts().stream()
                .map(part ->
                        switch (part) {
                            case TextTemplate.Literal(String text) -> "text " + quote(text);
                            case TextTemplate.Hole hole ->
                                    "hole " + printer().expression(hole.expression());
                        })
                .toList();
    }

    private String print(JsonTemplate.Part part) {
        return switch (part) {
            case JsonTemplate.Raw(String text) -> "raw `" + text + "`";
            case JsonTemplate.InString inString ->
                    "string " + printer().expression(inString.expression());
            case JsonTemplate.Value value -> "value " + printer().expression(value.expression());
        };
    }

    private List<String> print(Argument argument) {
        return switch (argument) {
            case Argument.Computed computed ->
                    List.of("computed " + printer().expression(computed.expression()));
            case Argument.Text text -> print(text.template());
            case Argument.Json json -> json.template().parts().stream().map(this::print).toList();
        };
    }

    private TemplatePrinter printer() {
        List<FunctionSignature> functions = setting.scope().functions();
        Map<Integer, String> names =
                IntStream.range(0, setting.variables().size())
                        .boxed()
                        .collect(Collectors.toMap(slot -> slot, setting.variables()::get));
        return new TemplatePrinter(
                names,
                functions == null
                        ? List.of()
                        : functions.stream().map(FunctionSignature::name).toList());
    }

    private static String quote(String text) {
        return JsonPrinter.print(new JsonValue.JsonText(text));
    }
}
