package io.mimicore.cli;

import io.mimicore.signing.ClusterKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The directory in which one process keeps everything that must survive it.
///
/// ```
/// lock            held while a process uses the directory
/// cluster.key     signs snapshots and artifacts; secret, mode 0600
/// metadata.mv     the metadata store
/// artifacts/      the artifact store
/// node/           the node's snapshot slots and artifact cache
/// ```
final class StateDirectory implements AutoCloseable {
    private final Path root;
    private final FileChannel lockChannel;
    private final FileLock lock;

    private StateDirectory(Path root, FileChannel lockChannel, FileLock lock) {
        this.root = root;
        this.lockChannel = lockChannel;
        this.lock = lock;
    }

    /// Takes the directory for this process, and makes it if need be.
    ///
    /// @throws CommandFailure if it cannot be written or another process has it
    static StateDirectory open(Path root) {
        FileChannel channel;
        try {
            Files.createDirectories(root);
            channel =
                    FileChannel.open(
                            root.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.REFUSED,
                    "cannot write the state directory "
                            + root
                            + " ("
                            + e
                            + "): give a directory that can be written with --state",
                    e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new StateDirectory(root, channel, lock);
            }
        } catch (IOException | OverlappingFileLockException e) {
            closeQuietly(channel);
            throw inUse(root, e);
        }
        closeQuietly(channel);
        throw inUse(root, null);
    }

    Path metadata() {
        return root.resolve("metadata.mv");
    }

    Path artifacts() {
        return root.resolve("artifacts");
    }

    Path node() {
        return root.resolve("node");
    }

    /// The cluster's key, made at the first start.
    ClusterKey clusterKey() {
        Path file = root.resolve("cluster.key");
        if (!Files.exists(file)) {
            KeyFile.createPair(file);
        }
        return KeyFile.readPair(file, "restore it, or remove the state directory to begin anew");
    }

    private static CommandFailure inUse(Path root, @Nullable Throwable e) {
        String message =
                "the state directory "
                        + root
                        + " is in use by another mimicore process: stop it, or give this one its own"
                        + " directory with --state";
        return e == null
                ? new CommandFailure(ExitCode.REFUSED, message)
                : new CommandFailure(ExitCode.REFUSED, message, e);
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // It was opened only to be locked; nothing was written.
        }
    }

    @Override
    public void close() {
        try {
            lock.release();
            lockChannel.close();
        } catch (IOException _) {
            // The process ends; the system releases the lock with it.
        }
    }
}
