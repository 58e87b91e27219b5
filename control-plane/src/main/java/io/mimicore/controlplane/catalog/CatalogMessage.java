package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.snapshot.Desired;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.source.DirectoryEvent;
import io.mimicore.controlplane.source.FileKey;
import io.mimicore.controlplane.source.SourceId;
import java.util.concurrent.CompletableFuture;

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

    /// The first files have had their time; what is ready is published now.
    record HoldEnded() implements CatalogMessage {}
}
