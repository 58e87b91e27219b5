package io.mimicore.benchmarks;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// An exchange whose answer comes later: what other threads hand to its event loop runs in
/// [#awaitStatus], on the thread that waits.
final class AwaitedExchange extends DiscardingExchange {
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread waiter;

    AwaitedExchange(String host, String path) {
        super(host, path);
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        LockSupport.unpark(waiter);
    }

    /// Runs what comes until the answer is there.
    int awaitStatus() {
        int status = takeStatus();
        if (status == 0) {
            waiter = Thread.currentThread();
        }
        while (status == 0) {
            Runnable task = tasks.poll();
            if (task == null) {
                LockSupport.park(this);
            } else {
                task.run();
                status = takeStatus();
            }
        }
        return status;
    }
}
