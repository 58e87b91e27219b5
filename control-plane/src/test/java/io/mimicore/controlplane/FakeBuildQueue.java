package io.mimicore.controlplane;

import io.mimicore.build.BuildOutcome;
import io.mimicore.build.BuildQueue;
import io.mimicore.config.CodeSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Builds as the test says, and counts.
public final class FakeBuildQueue implements BuildQueue {
    private final AtomicInteger builds = new AtomicInteger();
    private volatile Function<byte[], BuildOutcome> answer =
            _ -> new BuildOutcome.Unavailable("no worker in this test");

    /// Answers every build from now on.
    public void answer(Function<byte[], BuildOutcome> next) {
        answer = next;
    }

    /// How many builds were asked for.
    public int builds() {
        return builds.get();
    }

    @Override
    public BuildOutcome build(byte[] source, boolean wasm, CodeSource.Toolchain toolchain) {
        builds.incrementAndGet();
        return answer.apply(source);
    }
}
