package io.mimicore.controlplane.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ByteBudgetTest {
    private final ByteBudget budget = new ByteBudget(100);
    private final List<String> granted = new ArrayList<>();

    @Test
    void take_asLongAsThereIsSome_isGrantedAtOnce() {
        assertThat(take("a", 60)).isTrue();
        assertThat(take("b", 40)).isTrue();
        assertThat(take("c", 1)).isFalse();

        assertThat(granted).isEmpty();
        assertThat(budget.taken()).isEqualTo(100);
    }

    @Test
    void giveBack_manyWait_wakesOnlyThoseThatCanGoOn() {
        take("a", 100);
        take("b", 60);
        take("c", 30);
        take("d", 30);
        budget.giveBack(100);

        assertThat(granted).containsExactly("b", "c");
        assertThat(budget.taken()).isEqualTo(90);
    }

    @Test
    void take_othersWait_waitsBehindThem() {
        take("a", 80);
        take("b", 60);

        assertThat(take("c", 10)).isFalse();
        budget.giveBack(80);
        assertThat(granted).containsExactly("b", "c");
    }

    @Test
    void take_moreThanThereIs_isGrantedToOneAlone() {
        assertThat(take("a", 500)).isTrue();
        assertThat(take("b", 500)).isFalse();
        budget.giveBack(500);

        assertThat(granted).containsExactly("b");
        budget.giveBack(500);
        assertThat(budget.taken()).isZero();
    }

    private boolean take(String who, long bytes) {
        return budget.tryTake(bytes, () -> granted.add(who));
    }
}
