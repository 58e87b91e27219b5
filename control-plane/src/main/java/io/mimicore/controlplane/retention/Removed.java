package io.mimicore.controlplane.retention;

/// What a pass removed, in numbers.
record Removed(int versions, int objects, int builds, int artifacts, long artifactBytes) {
    static final Removed NOTHING = new Removed(0, 0, 0, 0, 0);

    boolean isNothing() {
        return versions + objects + builds + artifacts == 0;
    }
}
