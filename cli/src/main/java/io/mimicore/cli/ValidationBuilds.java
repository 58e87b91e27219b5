package io.mimicore.cli;

import io.mimicore.compiler.artifacts.directory.DirectoryArtifactStore;
import io.mimicore.compiler.local.LocalBuilds;
import io.mimicore.controlplane.catalog.FileCheck;
import java.nio.file.Path;
import java.time.Clock;

/// Builds for `validate`: on this machine, with caches that the next run finds again.
final class ValidationBuilds implements AutoCloseable {
    private final LocalBuilds builds;
    private final FileCheck check;

    private ValidationBuilds(LocalBuilds builds, FileCheck check) {
        this.builds = builds;
        this.check = check;
    }

    static ValidationBuilds open() {
        Path cache = Toolchains.cacheDirectory();
        LocalBuilds builds = LocalBuilds.open(cache.resolve("toolchains"), System.getenv());
        DirectoryArtifactStore artifacts =
                DirectoryArtifactStore.open(cache.resolve("validate").resolve("artifacts"));
        return new ValidationBuilds(builds, new FileCheck(builds, artifacts, Clock.systemUTC()));
    }

    FileCheck check() {
        return check;
    }

    @Override
    public void close() {
        builds.close();
    }
}
