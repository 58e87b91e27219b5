package io.mimicore.dataplane.snapshot;

/// What a node keeps on disk.
record NodeDisk(SlotStore slots, CrashGuard guard, ArtifactCache artifacts) {}
