package io.mimicore.compiler.toolchain;

import io.mimicore.build.SourceProblem;
import io.mimicore.compiler.toolchain.Inspection.InspectedFunction;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Reads the inspector's JSON. Both sides are of one build, so anything unexpected is a fault.
final class InspectionReader {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonParser json;

    private InspectionReader(JsonParser json) {
        this.json = json;
    }

    /// @throws IOException if it is not the inspector's document
    static Inspection read(byte[] document) throws IOException {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), document)) {
            var reader = new InspectionReader(json);
            json.nextToken();
            return reader.report();
        } catch (JacksonException e) {
            throw new IOException("inspector's report: " + e.getOriginalMessage(), e);
        }
    }

    private Inspection report() throws IOException {
        List<SourceProblem> problems = new ArrayList<>();
        List<InspectedFunction> functions = new ArrayList<>();
        String main = "";
        String abi = "";
        for (String field = firstField(); field != null; field = nextField()) {
            switch (field) {
                case "problems" -> {
                    while (nextElement()) {
                        problems.add(problem());
                    }
                }
                case "functions" -> {
                    while (nextElement()) {
                        functions.add(function());
                    }
                }
                case "main" -> main = text();
                case "abi" -> abi = text();
                default -> json.skipChildren();
            }
        }
        return new Inspection(problems, functions, main, abi);
    }

    private SourceProblem problem() throws IOException {
        int line = 0;
        int column = 0;
        String code = "";
        String message = "";
        String hint = "";
        for (String field = firstField(); field != null; field = nextField()) {
            switch (field) {
                case "line" -> line = json.getIntValue();
                case "column" -> column = json.getIntValue();
                case "code" -> code = text();
                case "message" -> message = text();
                case "hint" -> hint = text();
                default -> json.skipChildren();
            }
        }
        return new SourceProblem(line, column, code, message, hint);
    }

    private InspectedFunction function() throws IOException {
        String name = "";
        String shape = "";
        int line = 0;
        int column = 0;
        List<String> parameters = new ArrayList<>();
        String result = "";
        boolean fails = false;
        for (String field = firstField(); field != null; field = nextField()) {
            switch (field) {
                case "name" -> name = text();
                case "shape" -> shape = text();
                case "line" -> line = json.getIntValue();
                case "column" -> column = json.getIntValue();
                case "params" -> {
                    while (nextElement()) {
                        parameters.add(parameterType());
                    }
                }
                case "result" -> result = text();
                case "error" -> fails = json.getBooleanValue();
                default -> json.skipChildren();
            }
        }
        FunctionSignature signature =
                switch (shape) {
                    case "NUMERIC" -> numeric(name, parameters, result);
                    case "RAW" -> new FunctionSignature.Raw(name);
                    case "JSON" ->
                            new FunctionSignature.Json(name, parameters, !result.isEmpty(), fails);
                    default ->
                            throw new IOException(
                                    "shape: " + shape + " (expected: NUMERIC, RAW or JSON)");
                };
        return new InspectedFunction(signature, line, column);
    }

    private String parameterType() throws IOException {
        String type = "";
        for (String field = firstField(); field != null; field = nextField()) {
            if (field.equals("type")) {
                type = text();
            } else {
                json.skipChildren();
            }
        }
        return type;
    }

    private static FunctionSignature numeric(String name, List<String> parameters, String result)
            throws IOException {
        List<NumericType> types = new ArrayList<>();
        for (String parameter : parameters) {
            types.add(numericType(parameter));
        }
        return new FunctionSignature.Numeric(
                name, types, result.isEmpty() ? null : numericType(result));
    }

    private static NumericType numericType(String goName) throws IOException {
        return Arrays.stream(NumericType.values())
                .filter(type -> type.goName().equals(goName))
                .findFirst()
                .orElseThrow(
                        () -> new IOException("type: " + goName + " (expected: a numeric type)"));
    }

    private @Nullable String firstField() throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new IOException("inspector's report: " + json.currentToken() + ", not an object");
        }
        return nextField();
    }

    /// Moves to the value of the next field.
    private @Nullable String nextField() {
        if (json.nextToken() != JsonToken.PROPERTY_NAME) {
            return null;
        }
        String name = json.currentName();
        json.nextToken();
        return name;
    }

    private boolean nextElement() throws IOException {
        JsonToken token = json.nextToken();
        if (token == null) {
            throw new IOException("inspector's report: cut off");
        }
        return token != JsonToken.END_ARRAY;
    }

    private String text() throws IOException {
        String text = json.getString();
        if (text == null) {
            throw new IOException("inspector's report: " + json.currentToken() + ", not a text");
        }
        return text;
    }
}
