package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.limit.ManualTicker;
import io.mimicore.proto.snapshot.v1.Report;
import org.junit.jupiter.api.Test;

final class ReportWindowTest {
    private final ManualTicker ticker = new ManualTicker();
    private TrafficTotals totals = new TrafficTotals(100, 10, 1);
    private final ReportWindow window = new ReportWindow(() -> totals, ticker);

    @Test
    void next_countsWhatCameSinceTheLastOne() {
        window.begin();
        totals = new TrafficTotals(130, 14, 3);
        ticker.advanceMillis(10_000);
        Report first = window.next(7);
        totals = new TrafficTotals(131, 14, 3);
        ticker.advanceMillis(500);
        Report second = window.next(8);

        assertThat(first)
                .isEqualTo(
                        Report.newBuilder()
                                .setVersion(7)
                                .setWindowMillis(10_000)
                                .setRequests(30)
                                .setServerErrors(4)
                                .setWasmFailures(2)
                                .build());
        assertThat(second)
                .isEqualTo(
                        Report.newBuilder()
                                .setVersion(8)
                                .setWindowMillis(500)
                                .setRequests(1)
                                .build());
    }

    @Test
    void next_totalsFall_isNothingRatherThanNegative() {
        window.begin();
        totals = TrafficTotals.NONE;

        assertThat(window.next(1)).isEqualTo(Report.newBuilder().setVersion(1).build());
    }
}
