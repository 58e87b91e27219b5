package io.mimicore.controlplane.fleet;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;

/// One run of a control plane's process.
public final class Replica {
    private final Supplier<String> name;
    private final String bootId;

    /// @param name its admin API's address, for people; asked once something is recorded
    /// @param bootId new at each start, so that what an earlier run wrote is not taken for its own
    public Replica(Supplier<String> name, String bootId) {
        this.name = requireNonNull(name, "name");
        this.bootId = requireNonNull(bootId, "bootId");
    }

    String name() {
        return name.get();
    }

    String bootId() {
        return bootId;
    }
}
