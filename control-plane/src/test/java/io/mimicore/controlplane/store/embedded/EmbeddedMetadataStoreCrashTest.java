package io.mimicore.controlplane.store.embedded;

import io.mimicore.store.MetadataStore;
import io.mimicore.testkit.contract.MetadataStoreCrashContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/// Crashes of the machine: what was not forced is lost in any part.
class EmbeddedMetadataStoreCrashTest extends MetadataStoreCrashContract {
    @TempDir Path directory;

    @Override
    protected Crashable openCrashable() {
        RecordedFiles.begin();
        MetadataStore store =
                EmbeddedMetadataStore.open(
                        directory.resolve("running.mv"), RecordedFiles.SCHEME + ":");
        return new Crashable() {
            @Override
            public MetadataStore store() {
                return store;
            }

            @Override
            public void acknowledged(int transactions) {
                RecordedFiles.acknowledged(transactions);
            }

            @Override
            public Recovered crash(Random random) throws Exception {
                RecordedFiles.Image image = RecordedFiles.crash(random);
                store.close();
                Path left = directory.resolve("left.mv");
                Files.write(left, image.content());
                return new Recovered(EmbeddedMetadataStore.open(left), image.acknowledged());
            }
        };
    }
}
