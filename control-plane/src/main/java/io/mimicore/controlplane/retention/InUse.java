package io.mimicore.controlplane.retention;

import io.mimicore.controlplane.snapshot.ApiForm;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// What this process needs, besides what the store says: asked for at the beginning of each pass.
/// Thread-safe; must not block.
public interface InUse {
    /// Snapshots that may be published at any time, each as its APIs: all that they consist of is
    /// kept.
    List<Collection<ApiForm>> wanted();

    /// Versions that nodes run or prepare, as far as this process knows; what the store says of
    /// nodes counts besides.
    Set<Long> versions();
}
