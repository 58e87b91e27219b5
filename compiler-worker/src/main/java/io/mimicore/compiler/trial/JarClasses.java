package io.mimicore.compiler.trial;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;

/// Defines the machine classes of one jar. They are unloaded with their loader.
final class JarClasses extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private static final String SUFFIX = ".class";

    private final Map<String, byte[]> classes = new ConcurrentHashMap<>();

    private JarClasses(byte[] jar) {
        super(Machine.class.getClassLoader());
        try (var in = new JarInputStream(new ByteArrayInputStream(jar))) {
            for (JarEntry entry = in.getNextJarEntry();
                    entry != null;
                    entry = in.getNextJarEntry()) {
                String name = entry.getName();
                classes.put(
                        name.substring(0, name.length() - SUFFIX.length()).replace('/', '.'),
                        in.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("jar in memory", e);
        }
    }

    /// The machines of a jar that this worker made.
    static Function<Instance, Machine> machines(byte[] jar, String machineClass) {
        try {
            Constructor<? extends Machine> constructor =
                    Class.forName(machineClass, true, new JarClasses(jar))
                            .asSubclass(Machine.class)
                            .getConstructor(Instance.class);
            return instance -> {
                try {
                    return constructor.newInstance(instance);
                } catch (ReflectiveOperationException e) {
                    throw new LinkageError("machine class " + machineClass, e);
                }
            };
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("machine class " + machineClass, e);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = classes.remove(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }
}
