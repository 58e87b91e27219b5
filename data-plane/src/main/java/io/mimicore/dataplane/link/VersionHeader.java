package io.mimicore.dataplane.link;

/// The header field that names the version of the snapshot which answered.
public final class VersionHeader {
    /// Its name.
    public static final String NAME = "X-Mimicore-Version";

    private VersionHeader() {}
}
