package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.source.DirectoryEvent;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.FoundFile;
import io.mimicore.controlplane.source.SourceId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What the catalog's thread is told.
sealed interface CatalogMessage {
    /// A directory was looked at.
    record Directory(DirectoryEvent event) implements CatalogMessage {}

    /// A file's text was read.
    record Read(FileKey file, long generation, ConfigLanguage.Reading reading)
            implements CatalogMessage {}

    /// A file was compiled.
    record Compiled(FileKey file, long generation, CompileJobs.Result result)
            implements CatalogMessage {}

    /// It is time to try a build again.
    record Retry(FileKey file, long generation) implements CatalogMessage {}

    /// The store holds this by now.
    record Published(Desired desired, LiveSet live) implements CatalogMessage {}

    /// Somebody confirms what a source has lost.
    record ConfirmRemoval(SourceId source, CompletableFuture<Integer> removed)
            implements CatalogMessage {}

    /// Something that the admin API asks for.
    record AdminCall(Runnable call) implements CatalogMessage {}

    /// What was applied before this leadership was looked at.
    ///
    /// @param content the author's bytes, to be compiled again; absent: it stays as it is
    record Reloaded(FileKey file, long generation, @Nullable FoundFile content)
            implements CatalogMessage {}

    /// The first files have had their time; what is ready is published now.
    record HoldEnded() implements CatalogMessage {}
}
