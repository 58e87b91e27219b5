package io.mimicore.controlplane.snapshot;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PublishWindowTest {
    private final PublishWindow window = new PublishWindow();

    @Test
    void change_firstOfAll_goesAtOnce() {
        assertThat(waitAt(0)).isEqualTo(Long.MAX_VALUE);

        changedAt(5);

        assertThat(waitAt(5)).isZero();
    }

    @Test
    void change_soonAfterAPublish_waitsForQuiet() {
        changedAt(0);
        publishedAt(10);
        changedAt(100);

        assertThat(waitAt(100)).isEqualTo(50);
        assertThat(waitAt(149)).isEqualTo(1);
        assertThat(waitAt(150)).isZero();
    }

    @Test
    void change_afterAQuietTime_goesAtOnce() {
        changedAt(0);
        publishedAt(10);
        changedAt(510);

        assertThat(waitAt(510)).isZero();
    }

    @Test
    void changes_thatKeepComing_waitForTheCapOnly() {
        changedAt(0);
        publishedAt(10);
        for (int at = 100; at <= 590; at += 10) {
            changedAt(at);
            assertThat(waitAt(at)).as("at %s", at).isEqualTo(Math.min(50, 600 - at));
        }

        assertThat(waitAt(600)).isZero();
    }

    @Test
    void publish_leavesNothingToDo() {
        changedAt(0);
        publishedAt(1);

        assertThat(waitAt(2)).isEqualTo(Long.MAX_VALUE);
    }

    private void changedAt(long millis) {
        window.changed(MILLISECONDS.toNanos(millis));
    }

    private void publishedAt(long millis) {
        window.published(MILLISECONDS.toNanos(millis));
    }

    private long waitAt(long millis) {
        long nanos = window.waitNanos(MILLISECONDS.toNanos(millis));
        return nanos == Long.MAX_VALUE ? nanos : nanos / 1_000_000;
    }
}
