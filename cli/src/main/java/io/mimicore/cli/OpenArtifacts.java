package io.mimicore.cli;

import io.mimicore.compiler.artifacts.directory.DirectoryArtifactStore;
import io.mimicore.compiler.artifacts.s3.S3ArtifactStore;
import io.mimicore.store.ArtifactStore;
import io.mimicore.store.StoreException;

/// An open artifact store.
///
/// @param asked asks it whether it can be used
/// @param closed closes it
record OpenArtifacts(ArtifactStore store, Runnable asked, Runnable closed)
        implements AutoCloseable {

    static OpenArtifacts of(S3ArtifactStore s3) {
        return new OpenArtifacts(s3, s3::requireBucket, s3::close);
    }

    static OpenArtifacts of(DirectoryArtifactStore directory) {
        return new OpenArtifacts(directory, () -> {}, () -> {});
    }

    /// Asks whether it can be used.
    ///
    /// @throws CommandFailure if it cannot, and waiting does not help
    /// @throws StoreException if it does not answer, which may pass
    void ask() {
        try {
            asked.run();
        } catch (IllegalStateException e) {
            throw new CommandFailure(
                    ExitCode.REFUSED,
                    String.valueOf(e.getMessage())
                            + "; see --s3-bucket, --s3-endpoint, MINIO_ACCESS_KEY and"
                            + " MINIO_SECRET_KEY",
                    e);
        }
    }

    @Override
    public void close() {
        closed.run();
    }
}
