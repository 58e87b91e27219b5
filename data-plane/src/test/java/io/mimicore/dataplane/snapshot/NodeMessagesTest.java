package io.mimicore.dataplane.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.ir.codec.IrCodec;
import io.mimicore.proto.snapshot.v1.Hello;
import io.mimicore.proto.snapshot.v1.Label;
import io.mimicore.proto.snapshot.v1.Rejected;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class NodeMessagesTest {
    private static final NodeIdentity IDENTITY =
            new NodeIdentity("n1", "boot", "1.0", Map.of("zone", "b"), "prod");

    private static final NodeMessages.Standing NOTHING = new NodeMessages.Standing(0, false);

    @Test
    void hello_nothingServes_saysNeitherVersionNorRoot() {
        Hello hello = NodeMessages.hello(IDENTITY, null, NOTHING).getHello();

        assertThat(hello)
                .isEqualTo(
                        Hello.newBuilder()
                                .setNode("n1")
                                .setBootId("boot")
                                .setBuild("1.0")
                                .addLabels(Label.newBuilder().setName("zone").setValue("b"))
                                .addFormats(IrCodec.FORMAT)
                                .setCluster("prod")
                                .build());
    }

    @Test
    void hello_somethingServes_saysWhatAndWhatIsPoison() {
        SnapshotContent content = new Versions().of(4, Versions.text("a", "x"));

        Hello hello =
                NodeMessages.hello(IDENTITY, content, new NodeMessages.Standing(5, true))
                        .getHello();

        assertThat(hello.getVersion()).isEqualTo(4);
        assertThat(hello.getRoot()).isEqualTo(Versions.bytes(content.root()));
        assertThat(hello.getPoison()).isEqualTo(5);
        assertThat(hello.getDraining()).isTrue();
    }

    @Test
    void rejected_manyProblems_tellsTheFirstAndHowManyMore() {
        List<NodeProblem> problems =
                IntStream.range(0, 250)
                        .mapToObj(i -> new NodeProblem("api-%03d".formatted(249 - i), "C", "m"))
                        .toList();

        Rejected rejected = NodeMessages.rejected(3, problems).getRejected();

        assertThat(rejected.getVersion()).isEqualTo(3);
        assertThat(rejected.getProblemsCount()).isEqualTo(NodeMessages.PROBLEMS_MAX);
        assertThat(rejected.getProblems(0).getApi()).isEqualTo("api-000");
        assertThat(rejected.getProblems(NodeMessages.PROBLEMS_MAX - 1).getMessage())
                .isEqualTo("and 151 more problems");
    }

    @Test
    void rejected_longText_isCut() {
        var problem = new NodeProblem("a", "C", "x".repeat(5_000));

        Rejected rejected = NodeMessages.rejected(3, List.of(problem)).getRejected();

        assertThat(rejected.getProblems(0).getMessage()).hasSize(NodeMessages.TEXT_LENGTH_MAX);
    }
}
