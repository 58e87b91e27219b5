package io.mimicore.dataplane.wasm;

import com.dylibso.chicory.runtime.BitOps;
import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.MemCopyWorkaround;
import com.dylibso.chicory.runtime.OpcodeImpl;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.InvalidException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import io.mimicore.dataplane.code.CodePoolFactory.PrepareException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;

/// Defines the machine classes of one artifact, and only lets them see what generated code needs.
///
/// Nothing outside refers to it but the pool it belongs to, so its classes are unloaded after the
/// pool.
final class MachineClasses extends ClassLoader {
    /// What generated code uses of the runtime and what initializes itself, or uses what does.
    private static final List<Class<?>> RUNTIME_CLASSES =
            List.of(
                    BitOps.class,
                    ChicoryInterruptedException.class,
                    ConstantEvaluators.class,
                    GlobalInstance.class,
                    MemCopyWorkaround.class,
                    OpcodeImpl.class,
                    TableInstance.class,
                    TrapException.class,
                    WasmException.class,
                    WasmRuntimeException.class,
                    InvalidException.class,
                    FunctionType.class,
                    ValType.class,
                    Value.class);

    static {
        registerAsParallelCapable();
        RUNTIME_CLASSES.forEach(MachineClasses::initialize);
    }

    /// All classes of a jar together, in bytes: ten times what the largest programs of Go need.
    private static final int CLASS_BYTES_MAX = 256 << 20;

    /// What generated code uses of the JDK.
    private static final Set<String> JDK_CLASSES =
            Set.of(
                    "java.lang.AssertionError",
                    "java.lang.Boolean",
                    "java.lang.Byte",
                    "java.lang.Character",
                    "java.lang.Double",
                    "java.lang.Float",
                    "java.lang.IllegalArgumentException",
                    "java.lang.IndexOutOfBoundsException",
                    "java.lang.Integer",
                    "java.lang.Long",
                    "java.lang.Math",
                    "java.lang.Number",
                    "java.lang.Object",
                    "java.lang.RuntimeException",
                    "java.lang.Short",
                    "java.lang.StackOverflowError",
                    "java.lang.String",
                    "java.lang.System",
                    "java.lang.Thread",
                    "java.lang.Throwable",
                    "java.util.Arrays",
                    "java.util.List");

    private static final String RUNTIME_PACKAGE = "com.dylibso.chicory.runtime.";
    private static final String MODEL_PACKAGE = "com.dylibso.chicory.wasm.";

    /// The interpreter is not among what generated code may use: no node runs it.
    private static final String INTERPRETER_PACKAGE = "com.dylibso.chicory.runtime.internal.";

    private final Map<String, byte[]> undefined;

    private MachineClasses(String name, Map<String, byte[]> classes) {
        super(name, Machine.class.getClassLoader());
        this.undefined = classes;
    }

    /// Loads the machine of a jar whose origin was verified.
    ///
    /// @param name for stack traces
    /// @param machineClass binary name of a [Machine] with a public constructor that takes an
    ///   [Instance]
    static Function<Instance, Machine> load(String name, byte[] jar, String machineClass)
            throws PrepareException {
        try {
            var loader = new MachineClasses(name, read(jar));
            loader.initializeAll();
            Class<?> machine = Class.forName(machineClass, true, loader);
            Constructor<? extends Machine> constructor =
                    machine.asSubclass(Machine.class).getConstructor(Instance.class);
            if (machine.getClassLoader() != loader) {
                throw new PrepareException(
                        "machine class: " + machineClass + " (expected: a class of the artifact)");
            }
            return instance -> newMachine(constructor, instance);
        } catch (ReflectiveOperationException
                | LinkageError
                | ClassCastException
                | SecurityException e) {
            throw new PrepareException(
                    "machine class: " + machineClass + " does not load: " + e, e);
        } catch (IOException e) {
            throw new PrepareException("machine classes: the jar cannot be read: " + e, e);
        }
    }

    /// Links and initializes every class now. Otherwise a guest could run into a class for the
    /// first time with a stack so full that the class fails to initialize, which is final.
    private void initializeAll() throws ClassNotFoundException {
        for (String name : List.copyOf(undefined.keySet())) {
            Class.forName(name, true, this);
        }
        undefined.clear();
    }

    /// The same for the classes of the runtime, which all artifacts share.
    private static void initialize(Class<?> type) {
        try {
            Class.forName(type.getName(), true, type.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static Machine newMachine(
            Constructor<? extends Machine> constructor, Instance instance) {
        try {
            return constructor.newInstance(instance);
        } catch (InvocationTargetException | InstantiationException | IllegalAccessException e) {
            throw new UninstantiableException("the machine class does not start", e);
        }
    }

    private static Map<String, byte[]> read(byte[] jar) throws IOException {
        var classes = new ConcurrentHashMap<String, byte[]>();
        int left = CLASS_BYTES_MAX;
        try (var in = new JarInputStream(new ByteArrayInputStream(jar), false)) {
            for (JarEntry entry = in.getNextJarEntry();
                    entry != null;
                    entry = in.getNextJarEntry()) {
                if (!entry.getName().endsWith(".class")) {
                    continue;
                }
                byte[] bytes = in.readNBytes(left + 1);
                left -= bytes.length;
                if (left < 0) {
                    throw new IOException(
                            "more than " + CLASS_BYTES_MAX + " bytes of classes in one jar");
                }
                String path = entry.getName();
                classes.put(
                        path.substring(0, path.length() - ".class".length()).replace('/', '.'),
                        bytes);
            }
        }
        return classes;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (isVisible(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = undefined.get(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private static boolean isVisible(String name) {
        return JDK_CLASSES.contains(name)
                || (name.startsWith(RUNTIME_PACKAGE) && !name.startsWith(INTERPRETER_PACKAGE))
                || name.startsWith(MODEL_PACKAGE);
    }
}
