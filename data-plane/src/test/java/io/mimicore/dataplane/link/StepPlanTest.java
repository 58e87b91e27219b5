package io.mimicore.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.dataplane.link.StepPlan.PlannedStep;
import io.mimicore.dataplane.render.CodeInvocation;
import io.mimicore.dataplane.render.Node;
import io.mimicore.ir.FunctionSignature;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepPlanTest {
    private static final List<FunctionSignature> FUNCTIONS =
            List.of(new FunctionSignature.Raw("f"));

    @Test
    void of_chainAndFork_waitsOnlyForWhatIsRead() {
        StepPlan plan = plan(reading(0), reading(1, 0), reading(2, 0), reading(3, 1, 2));

        assertThat(plan.steps()).extracting(PlannedStep::waitsFor).containsExactly(0, 1, 1, 2);
        assertThat(plan.steps())
                .extracting(PlannedStep::next)
                .containsExactly(List.of(1, 2), List.of(3), List.of(3), List.of());
    }

    @Test
    void of_slotsThatNobodyComputes_areNotWaitedFor() {
        assertThat(plan(reading(5, 0, 1)).steps())
                .extracting(PlannedStep::waitsFor)
                .containsExactly(0);
    }

    @Test
    void of_cycle_isRefused() {
        assertThat(StepPlan.of(List.of(reading(0, 1), reading(1, 0)), FUNCTIONS)).isNull();
        assertThat(StepPlan.of(List.of(reading(0, 0)), FUNCTIONS)).isNull();
    }

    @Test
    void of_nothing_isEmpty() {
        assertThat(plan().isEmpty()).isTrue();
    }

    private static StepPlan plan(CodeInvocation... invocations) {
        StepPlan plan = StepPlan.of(List.of(invocations), FUNCTIONS);
        if (plan == null) {
            throw new AssertionError("plan: a cycle");
        }
        return plan;
    }

    private static CodeInvocation reading(int slot, int... reads) {
        List<Node> arguments =
                Arrays.stream(reads)
                        .<Node>mapToObj(read -> new Node.FromSlot(read, List.of()))
                        .toList();
        return new CodeInvocation(slot, 0, arguments);
    }
}
