package io.mimicore.dataplane.wasm;

/// Makes instances in the warm state. Thread-safe.
///
/// @param budget holds what the image takes
record GuestFactory(GuestModule module, WarmImage image, MemoryBudget budget) {
    /// @throws MemoryBudget.ExhaustedException if the node has no memory left for the image
    GuestFactory {
        budget.reserve(image.memory().length);
    }

    /// A new instance.
    ///
    /// @throws MemoryBudget.ExhaustedException if the node has no memory left for it
    Guest create() {
        return module.guestOf(image);
    }

    /// A new instance in the place of one whose call did not return. Nothing of that is left but
    /// the array that its memory was in, which holds the image again; it must not be used any more.
    Guest renew(Guest broken) {
        FlatMemory memory = broken.memory();
        memory.reset();
        return module.guestOf(image, memory);
    }

    /// Gives the image's memory back.
    void free() {
        budget.release(image.memory().length);
    }
}
