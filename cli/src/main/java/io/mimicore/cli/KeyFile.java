package io.mimicore.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.mimicore.signing.ClusterKey;
import io.mimicore.signing.TrustedKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Set;

/// Files that hold a cluster's key: the pair, secret, in one of mode 0600; the public half, one
/// line of Base64 (X.509), in one beside it that ends in `.pub`.
final class KeyFile {
    private static final String PUBLIC_SUFFIX = ".pub";

    private KeyFile() {}

    /// The file of the public half that belongs to the file of a pair.
    static Path publicHalf(Path pair) {
        return pair.resolveSibling(pair.getFileName() + PUBLIC_SUFFIX);
    }

    /// Reads a pair.
    ///
    /// @param remedy what to do about a damaged file
    /// @throws CommandFailure if it cannot be read or holds no pair
    static ClusterKey readPair(Path file, String remedy) {
        String text = read(file);
        try {
            return ClusterKey.decode(text);
        } catch (IllegalArgumentException e) {
            throw damaged(file, remedy, e);
        }
    }

    /// Reads a public half.
    ///
    /// @throws CommandFailure if it cannot be read or holds none, or holds a pair
    static TrustedKey readPublicHalf(Path file) {
        String text = read(file).strip();
        if (text.lines().count() == 2) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--trusted-key "
                            + file
                            + ": holds the secret half too, which no node needs (expected: the"
                            + " public one, "
                            + publicHalf(file)
                            + "; `mimicore cluster-key "
                            + file
                            + "` writes it)");
        }
        try {
            return TrustedKey.decode(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw damaged(file, "give the .pub that `mimicore cluster-key` wrote", e);
        }
    }

    /// Makes a pair in a new file, which is there whole or not at all.
    static void createPair(Path file) {
        write(file, "rw-------", ClusterKey.generate().encode());
    }

    /// Writes the public half of a pair beside it.
    static void writePublicHalf(Path pair, TrustedKey key) {
        String text = Base64.getEncoder().encodeToString(key.encode()) + "\n";
        write(publicHalf(pair), "rw-r--r--", text);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, US_ASCII);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.REFUSED, "cannot read " + file + ": " + e, e);
        }
    }

    private static void write(Path file, String permissions, String text) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        FileAttribute<Set<PosixFilePermission>> mode =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel channel =
                    FileChannel.open(temporary, Set.of(CREATE_NEW, WRITE), mode)) {
                ByteBuffer rest = ByteBuffer.wrap(text.getBytes(US_ASCII));
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.REFUSED, "cannot write " + file + ": " + e, e);
        }
    }

    private static CommandFailure damaged(Path file, String remedy, IllegalArgumentException e) {
        return new CommandFailure(
                ExitCode.REFUSED, file + " is damaged (" + e.getMessage() + "): " + remedy, e);
    }
}
