package io.mimicore.fuzzing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Inputs for the target of a fuzz test, made from known ones by a seeded generator.
///
/// A fuzzer that watches coverage finds more, but takes hours; this is the share of it that every
/// build can afford, and the same inputs each time. The system property `mimicore.fuzz.inputs` sets
/// how many there are, [#COUNT] by default. Used by one thread.
public final class SeededInputs {
    /// Inputs for each target.
    public static final int COUNT = 4_000;

    private static final String COUNT_PROPERTY = "mimicore.fuzz.inputs";
    private static final int MUTATIONS_MAX = 6;
    private static final int INPUT_BYTES_MAX = 16 * 1024;
    private static final int SHOWN_BYTES_MAX = 2 * 1024;
    private static final byte[] INTERESTING = {0, 1, 9, 10, 13, 32, 34, 45, 48, 92, 127, -128, -1};

    private final List<byte[]> known = new ArrayList<>();
    private final List<byte[]> tokens = new ArrayList<>();

    private SeededInputs() {}

    /// Inputs made of those that are kept for a fuzz test, in its resource directory
    /// `{class}Inputs/{method}`.
    public static SeededInputs kept(Class<?> fuzzTest, String method) {
        var inputs = new SeededInputs();
        String directory = fuzzTest.getSimpleName() + "Inputs/" + method;
        URL url = fuzzTest.getResource(directory);
        if (url == null) {
            throw new IllegalArgumentException(
                    "inputs: " + directory + " (expected: a directory of resources)");
        }
        try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
            for (Path file : files.sorted().toList()) {
                inputs.known.add(Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(url + ": (expected: a directory)", e);
        }
        return inputs;
    }

    /// Inputs made of these, and of random bytes.
    public static SeededInputs of(byte[]... known) {
        var inputs = new SeededInputs();
        inputs.known.addAll(Arrays.asList(known));
        return inputs;
    }

    /// Puts these texts into inputs now and then.
    public SeededInputs tokens(String... texts) {
        for (String text : texts) {
            tokens.add(text.getBytes(ISO_8859_1));
        }
        return this;
    }

    /// Gives each input to `target`, the known ones first.
    ///
    /// @throws AssertionError with the seed and the bytes of the input that failed
    @SuppressWarnings("IllegalCatch") // whatever a target throws is a find
    public void feed(long seed, Target target) {
        var random = new Random(seed);
        int count = Integer.getInteger(COUNT_PROPERTY, COUNT);
        for (int i = 0; i < count; i++) {
            byte[] input = i < known.size() ? known.get(i) : next(random);
            try {
                target.accept(input.clone());
            } catch (AssertionError | Exception e) {
                throw new AssertionError(
                        "input " + i + " of seed " + seed + ": " + shown(input), e);
            }
        }
    }

    private byte[] next(Random random) {
        if (known.isEmpty() || random.nextInt(20) == 0) {
            byte[] any = new byte[random.nextInt(64)];
            random.nextBytes(any);
            return any;
        }
        byte[] input = one(known, random).clone();
        int mutations = 1 + random.nextInt(MUTATIONS_MAX);
        for (int i = 0; i < mutations; i++) {
            input = mutated(input, random);
        }
        return input.length > INPUT_BYTES_MAX ? Arrays.copyOf(input, INPUT_BYTES_MAX) : input;
    }

    private byte[] mutated(byte[] input, Random random) {
        int at = random.nextInt(input.length + 1);
        int length = Math.min(1 + random.nextInt(8), input.length - at);
        return switch (random.nextInt(tokens.isEmpty() ? 6 : 8)) {
            case 0 -> spliced(input, at, at + length, new byte[0]);
            case 1 ->
                    spliced(input, at, at + Math.min(1, length), new byte[] {interesting(random)});
            case 2 -> spliced(input, at, at, new byte[] {interesting(random)});
            case 3 -> spliced(input, at, at, Arrays.copyOfRange(input, at, at + length));
            case 4 -> flipped(input, random);
            case 5 -> spliced(input, at, input.length, tail(one(known, random), random));
            default ->
                    spliced(
                            input,
                            at,
                            at + (random.nextBoolean() ? length : 0),
                            one(tokens, random));
        };
    }

    private static byte[] flipped(byte[] input, Random random) {
        if (input.length > 0) {
            input[random.nextInt(input.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return input;
    }

    private static byte interesting(Random random) {
        return random.nextBoolean()
                ? INTERESTING[random.nextInt(INTERESTING.length)]
                : (byte) random.nextInt(256);
    }

    private static byte[] tail(byte[] of, Random random) {
        return Arrays.copyOfRange(of, random.nextInt(of.length + 1), of.length);
    }

    private static byte[] one(List<byte[]> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    /// `input` with the bytes from..to replaced.
    private static byte[] spliced(byte[] input, int from, int to, byte[] piece) {
        byte[] made = new byte[from + piece.length + input.length - to];
        System.arraycopy(input, 0, made, 0, from);
        System.arraycopy(piece, 0, made, from, piece.length);
        System.arraycopy(input, to, made, from + piece.length, input.length - to);
        return made;
    }

    private static String shown(byte[] input) {
        byte[] begin = Arrays.copyOf(input, Math.min(input.length, SHOWN_BYTES_MAX));
        return input.length
                + " bytes, hex "
                + HexFormat.of().formatHex(begin)
                + ", text "
                + new String(begin, ISO_8859_1).replaceAll("[^ -~]", "?");
    }

    /// What is tested.
    @FunctionalInterface
    public interface Target {
        /// Returns when all is well with this input, throws when not.
        void accept(byte[] input) throws Exception;
    }
}
