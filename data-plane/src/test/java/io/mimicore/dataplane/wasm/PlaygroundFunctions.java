package io.mimicore.dataplane.wasm;

import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.NumericType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The functions of the module `playground`.
final class PlaygroundFunctions {
    static final List<FunctionSignature> ALL = all();

    private PlaygroundFunctions() {}

    /// Index of the function in [#ALL]; of echo functions, one for each type, as `echo_i32 int8`.
    static int index(String name) {
        for (int i = 0; i < ALL.size(); i++) {
            FunctionSignature signature = ALL.get(i);
            if (signature.name().equals(name) || label(signature).equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("name: " + name + " (expected: in playground)");
    }

    private static String label(FunctionSignature signature) {
        return signature instanceof FunctionSignature.Numeric numeric
                        && !numeric.parameters().isEmpty()
                ? numeric.name() + " " + numeric.parameters().getFirst().goName()
                : signature.name();
    }

    private static List<FunctionSignature> all() {
        var all = new ArrayList<FunctionSignature>();
        NumericType i64 = NumericType.INT64;
        all.add(numeric("double", NumericType.UINT64, NumericType.UINT64));
        for (NumericType type : NumericType.values()) {
            all.add(numeric(echo(type), type, type));
        }
        all.add(
                new FunctionSignature.Numeric(
                        "subtract", List.of(i64, NumericType.INT32), NumericType.FLOAT64));
        for (String name : List.of("count", "spin", "spin_calls", "nil_pointer", "now_ms")) {
            all.add(numeric(name, null, i64));
        }
        for (String name : List.of("busy_ms", "sleep_ms", "hoard_mib", "recurse", "random_zeros")) {
            all.add(numeric(name, i64, i64));
        }
        for (String name : List.of("nothing", "panics", "deadlock", "print_hostile")) {
            all.add(numeric(name, null, null));
        }
        all.add(numeric("infinity", null, NumericType.FLOAT64));
        all.add(numeric("random", null, NumericType.UINT64));
        all.add(numeric("count_then", NumericType.INT32, i64));
        all.add(numeric("exits", NumericType.INT32, null));
        all.add(numeric("print_lines", i64, null));
        all.add(numeric("print_mib", i64, null));
        for (String name : List.of("look_around", "echo", "upper", "large", "outside")) {
            all.add(new FunctionSignature.Raw(name));
        }
        all.add(json("greet", "user", "int"));
        all.add(json("describe", "string", "int32", "bool"));
        all.add(json("identity", "any"));
        all.add(json("odd_tag", "any"));
        all.add(json("no_outcome", "any"));
        return List.copyOf(all);
    }

    private static FunctionSignature numeric(
            String name, @Nullable NumericType parameter, @Nullable NumericType result) {
        return new FunctionSignature.Numeric(
                name, parameter == null ? List.of() : List.of(parameter), result);
    }

    private static FunctionSignature json(String name, String... parameters) {
        return new FunctionSignature.Json(name, List.of(parameters), true, true);
    }

    private static String echo(NumericType type) {
        if (type == NumericType.BOOL) {
            return "echo_bool";
        }
        return "echo_" + (type.isFloat() ? "f" : "i") + (type.isWide() ? "64" : "32");
    }
}
