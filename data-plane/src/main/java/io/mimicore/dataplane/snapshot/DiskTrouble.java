package io.mimicore.dataplane.snapshot;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says once that something cannot be kept on disk, and once that it can again, however often it is
/// tried in between. Thread-safe.
final class DiskTrouble {
    private static final Logger log = LoggerFactory.getLogger(DiskTrouble.class);

    private final String consequence;
    private final AtomicBoolean failing = new AtomicBoolean();

    /// @param consequence what is lost as long as the disk fails
    DiskTrouble(String consequence) {
        this.consequence = consequence;
    }

    /// An attempt has failed.
    ///
    /// @return whether it was the first of its kind, which is logged
    boolean failed(IOException why) {
        boolean first = failing.compareAndSet(false, true);
        if (first) {
            log.error("the disk fails, serving goes on; {} cause={}", consequence, why.toString());
        } else {
            log.debug("the disk still fails cause={}", why.toString());
        }
        return first;
    }

    /// An attempt has worked.
    void worked() {
        if (failing.compareAndSet(true, false)) {
            log.info("the disk works again; it is no longer so that {}", consequence);
        }
    }
}
