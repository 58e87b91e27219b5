package io.mimicore.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PagesTest {
    private final NavigableMap<String, Integer> items = new TreeMap<>();

    PagesTest() {
        for (int i = 0; i < 2_500; i++) {
            items.put("item" + (10_000 + i), i);
        }
    }

    @Test
    void page_ofNoSize_hasAHundred() {
        Pages.Page<Integer> page = Pages.of(items, 0, "");

        assertThat(page.items()).hasSize(100).startsWith(0, 1);
        assertThat(page.nextToken()).isNotEmpty();
    }

    @Test
    void page_ofTooLargeASize_hasAsManyAsMay() {
        assertThat(Pages.of(items, 5_000, "").items()).hasSize(Pages.SIZE_MAX);
    }

    @Test
    void page_afterItsLastItemWasRemoved_goesOnBehindIt() {
        Pages.Page<Integer> first = Pages.of(items, 10, "");
        items.remove("item10009");
        items.remove("item10010");

        assertThat(Pages.of(items, 2, first.nextToken()).items()).containsExactly(11, 12);
    }

    @Test
    void page_theLast_hasNoToken() {
        assertThat(Pages.of(new TreeMap<String, Integer>(), 10, "").nextToken()).isEmpty();
        items.keySet().removeIf(name -> name.compareTo("item10003") > 0);
        assertThat(Pages.of(items, 4, "").nextToken()).isEmpty();
    }

    @Test
    void request_thatIsWrong_namesTheField() {
        assertThatThrownBy(() -> Pages.of(items, -1, ""))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("page_size: -1 (expected: 0 to 1000)");
        assertThatThrownBy(() -> Pages.of(items, 1, "!"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("page_token: ");
    }
}
