package io.mimicore.controlplane.catalog;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongFunction;

/// Changes whose makers wait until they are stored. Confined to the catalog's thread; whoever adds
/// bounds their number.
final class Waiters {
    private static final long NOT_OFFERED = Long.MAX_VALUE;

    private final List<Waiter> waiting = new ArrayList<>();

    private static final class Waiter {
        private final PendingChange change;
        private final LongFunction<AdminOutcome> answer;
        private long sequence = NOT_OFFERED;

        Waiter(PendingChange change, LongFunction<AdminOutcome> answer) {
            this.change = change;
            this.answer = answer;
        }
    }

    /// Adds one whose change is made and not offered to the publisher yet.
    ///
    /// @param answer makes the outcome of the version that is stored then
    void add(PendingChange change, LongFunction<AdminOutcome> answer) {
        waiting.add(new Waiter(change, answer));
    }

    /// Everything that was changed so far is in the wish of this number.
    void offered(long sequence) {
        for (Waiter waiter : waiting) {
            if (waiter.sequence == NOT_OFFERED) {
                waiter.sequence = sequence;
            }
        }
    }

    /// The wishes up to this number are stored.
    ///
    /// @param version the version that holds them
    void stored(long sequence, long version) {
        for (Iterator<Waiter> all = waiting.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            if (waiter.sequence <= sequence) {
                all.remove();
                waiter.change.end(waiter.answer.apply(version));
            }
        }
    }
}
