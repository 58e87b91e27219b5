package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import io.mimicore.artifact.Artifact;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import io.mimicore.ir.UserCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A loaded module: what it takes to make instances of it. Immutable; thread-safe.
final class GuestModule {
    /// The only module that imports may come from.
    private static final String WASI_MODULE = "wasi_snapshot_preview1";

    /// Entries of all tables together. Go's programs have some thousands.
    private static final long TABLE_ENTRIES_MAX = 1_000_000;

    private static final int PAGES_PER_MIB = 16;

    private final WasmModule starting;
    private final WasmModule started;
    private final Function<Instance, Machine> machines;
    private final MemoryLimits memory;
    private final int pagesMax;
    private final GuestEnvironment environment;
    private final List<ImportedFunction> imports;

    private GuestModule(
            WasmModule starting,
            WasmModule started,
            Function<Instance, Machine> machines,
            UserCode code,
            GuestEnvironment environment)
            throws PrepareException {
        this.starting = starting;
        this.started = started;
        this.machines = machines;
        this.environment = environment;
        this.pagesMax = code.maxMemoryMib() * PAGES_PER_MIB;
        this.memory = requireMemory(starting);
        this.imports = requireImports(starting);
        requireResettable(starting);
    }

    /// Reads the module and loads its classes; runs nothing of it.
    ///
    /// @throws PrepareException if it is not a module, or one that this node does not run
    static GuestModule load(
            String api, UserCode code, Artifact artifact, GuestEnvironment environment)
            throws PrepareException {
        WasmModule starting = parse(ModuleSkeleton.starting(artifact.module()));
        WasmModule started =
                StartedModule.of(
                        starting.startSection().isPresent()
                                ? parse(ModuleSkeleton.started(artifact.module()))
                                : starting);
        Function<Instance, Machine> machines =
                MachineClasses.load(
                        "code-" + api, artifact.classes(), artifact.manifest().machineClass());
        return new GuestModule(starting, started, machines, code, environment);
    }

    /// The type of an exported function.
    ///
    /// @throws PrepareException if there is none of that name
    FunctionType exportedFunction(String name) throws PrepareException {
        if (!exports(name)) {
            throw new PrepareException("function: " + name + " (expected: exported by the module)");
        }
        return FunctionTypes.ofExport(starting, name);
    }

    /// Whether a function of that name is exported.
    boolean exports(String name) {
        var section = starting.exportSection();
        for (int i = 0; i < section.exportCount(); i++) {
            if (section.getExport(i).name().equals(name)) {
                return section.getExport(i).exportType() == ExternalType.FUNCTION;
            }
        }
        return false;
    }

    /// An instance as the module describes it. A start section runs here.
    Guest startGuest() {
        return newGuest(null, FlatMemory.zeroed(memory, pagesMax, environment.budget()));
    }

    /// An instance in the state of `image`.
    ///
    /// @throws MemoryBudget.ExhaustedException if the node has no memory left for it
    Guest guestOf(WarmImage image) {
        return guestOf(image, FlatMemory.of(image, memory, pagesMax, environment.budget()));
    }

    /// An instance in the state of `image`.
    ///
    /// @param holdingImage its memory, which holds the image already
    Guest guestOf(WarmImage image, FlatMemory holdingImage) {
        Guest guest = newGuest(image, holdingImage);
        image.restoreGlobals(guest.instance());
        return guest;
    }

    /// The image of a guest that runs no code.
    ///
    /// @throws MemoryBudget.ExhaustedException if the node has no memory left for the copy
    WarmImage capture(Guest guest) {
        int length = guest.memory().pages() * FlatMemory.PAGE_SIZE;
        environment.budget().reserve(length);
        try {
            return WarmImage.capture(guest.instance(), guest.memory());
        } finally {
            // From here on it is counted by the factory that takes the image.
            environment.budget().release(length);
        }
    }

    private Guest newGuest(@Nullable WarmImage image, FlatMemory flat) {
        boolean isMade = false;
        try {
            Guest guest = link(image, flat);
            isMade = true;
            return guest;
        } finally {
            if (!isMade) {
                flat.free();
            }
        }
    }

    private Guest link(@Nullable WarmImage image, FlatMemory flat) {
        var output = new GuestOutput();
        var tables = new ArrayList<FixedTable>();
        Instance instance =
                Instance.builder(image == null ? starting : started)
                        .withMachineFactory(machines)
                        .withMemoryFactory(_ -> flat)
                        .withTableFactory((table, initial) -> {
                            var fixed = new FixedTable(table, initial);
                            tables.add(fixed);
                            return fixed;
                        })
                        .withImportValues(importsFor(output))
                        .withStart(false)
                        .build();
        if (image != null) {
            image.copyTablesInto(tables, instance);
        }
        tables.forEach(FixedTable::seal);
        return new Guest(instance, flat, output);
    }

    private ImportValues importsFor(GuestOutput output) {
        var host = new WasiHost(environment.sources(), output);
        var functions = new ArrayList<ImportFunction>(imports.size());
        for (ImportedFunction function : imports) {
            var handle = host.find(function.name());
            functions.add(
                    new HostFunction(
                            WASI_MODULE,
                            function.name(),
                            function.type(),
                            handle == null ? WasiHost::refuse : handle));
        }
        return ImportValues.builder().withFunctions(functions).build();
    }

    // The parser reads foreign bytes; what it throws for malformed ones is not always its own type.
    @SuppressWarnings("IllegalCatch")
    private static WasmModule parse(byte[] bytes) throws PrepareException {
        try {
            return Parser.parse(bytes);
        } catch (RuntimeException | StackOverflowError e) {
            throw new PrepareException("module: it does not parse: " + e.getMessage(), e);
        }
    }

    private MemoryLimits requireMemory(WasmModule module) throws PrepareException {
        var section = module.memorySection();
        if (section.isEmpty() || section.get().memoryCount() != 1) {
            throw new PrepareException("module: it has not one memory (expected: one of its own)");
        }
        MemoryLimits limits = section.get().getMemory(0).limits();
        if (limits.shared()) {
            throw new PrepareException("module: its memory is shared (expected: not shared)");
        }
        if (limits.initialPages() > pagesMax) {
            throw new PrepareException(
                    "module: it starts with "
                            + limits.initialPages()
                            + " pages of 64 KiB (expected: at most max_memory_mb, "
                            + pagesMax
                            + ")");
        }
        return limits;
    }

    private static List<ImportedFunction> requireImports(WasmModule module)
            throws PrepareException {
        var functions = new ArrayList<ImportedFunction>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import wanted = module.importSection().getImport(i);
            if (!(wanted instanceof FunctionImport function)
                    || !wanted.module().equals(WASI_MODULE)) {
                throw new PrepareException(
                        "import: "
                                + wanted.module()
                                + "."
                                + wanted.name()
                                + " (expected: only functions of "
                                + WASI_MODULE
                                + ")");
            }
            FunctionType type = module.typeSection().getType(function.typeIndex());
            FunctionTypes.requireWasi(function.name(), type);
            var imported = new ImportedFunction(function.name(), type);
            if (!functions.contains(imported)) {
                functions.add(imported);
            }
        }
        return List.copyOf(functions);
    }

    /// Refuses state that [WarmImage] does not hold.
    private static void requireResettable(WasmModule module) throws PrepareException {
        var globals = module.globalSection();
        for (int i = 0; i < globals.globalCount(); i++) {
            ValType type = globals.getGlobal(i).valueType();
            if (globals.getGlobal(i).mutabilityType() == MutabilityType.Var && type.isReference()) {
                throw new PrepareException(
                        "module: global " + i + " is a variable reference (expected: a number)");
            }
        }
        for (int i = 0; i < module.typeSection().subTypeCount(); i++) {
            if (module.typeSection().getSubType(i).compType().funcType() == null) {
                throw new PrepareException(
                        "module: type " + i + " is garbage-collected (expected: function types)");
            }
        }
        long entries = 0;
        for (int i = 0; i < module.tableSection().tableCount(); i++) {
            entries += module.tableSection().getTable(i).limits().min();
        }
        if (entries > TABLE_ENTRIES_MAX) {
            throw new PrepareException(
                    "module: "
                            + entries
                            + " table entries (expected: at most "
                            + TABLE_ENTRIES_MAX
                            + ")");
        }
    }

    private record ImportedFunction(String name, FunctionType type) {}
}
