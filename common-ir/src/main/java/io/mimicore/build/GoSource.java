package io.mimicore.build;

import static java.nio.charset.StandardCharsets.UTF_8;

/// Go source as it goes into the build key.
public final class GoSource {
    private GoSource() {}

    /// The source with `\n` line ends: sources that differ in line ends only are one program.
    /// Places of problems stay what they are. Bytes that are not UTF-8 text are left alone; the
    /// toolchain says where.
    public static byte[] withUnixLines(byte[] source) {
        String text = new String(source, UTF_8);
        return text.indexOf('\r') < 0 || text.indexOf('\uFFFD') >= 0
                ? source
                : text.replace("\r\n", "\n").getBytes(UTF_8);
    }
}
