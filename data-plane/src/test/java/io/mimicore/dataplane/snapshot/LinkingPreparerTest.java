package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimicore.dataplane.limit.ManualTicker;
import io.mimicore.dataplane.link.ActiveSnapshot;
import io.mimicore.dataplane.link.ApiFixture;
import io.mimicore.dataplane.link.NoProxies;
import io.mimicore.dataplane.link.RouteFixture;
import io.mimicore.dataplane.link.ScriptedPools;
import io.mimicore.dataplane.link.ScriptedUpstreams;
import io.mimicore.dataplane.link.SnapshotLinker;
import io.mimicore.dataplane.metrics.HttpMetrics;
import io.mimicore.dataplane.snapshot.Preparer.Sources;
import io.mimicore.dataplane.snapshot.SnapshotContent.StoredApi;
import io.mimicore.ir.Digest;
import io.mimicore.snapshot.ApiEntry;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LinkingPreparerTest {
    private final Versions versions = new Versions();
    private final ScriptedSource source = new ScriptedSource();
    private final ScriptedPools pools = new ScriptedPools();
    private final ActiveSnapshot active = new ActiveSnapshot(new HttpMetrics());
    private final Digest one = source.put(SignedArtifacts.file("one", versions.key()));
    private final Digest two = source.put(SignedArtifacts.file("two", versions.key()));

    @TempDir Path directory;

    private LinkingPreparer preparer;

    @BeforeEach
    void make() {
        var cache = new ArtifactCache(directory, versions.key().trusted(), source);
        var linker =
                new SnapshotLinker(
                        pools, new ManualTicker(), new ScriptedUpstreams(), new NoProxies());
        preparer = new LinkingPreparer(linker, active, cache);
    }

    @Test
    void prepare_thenActivate_serves() throws Exception {
        Preparer.Prepared prepared = prepare(versions.of(1, plain("a"), coded("b", one)));
        assertThat(active.current()).isNull();

        prepared.activate();

        var current = requireNonNull(active.current());
        assertThat(current.version()).isEqualTo(1);
        assertThat(current.find("a.localhost")).isNotNull();
        assertThat(pools.pools()).hasSize(1);
    }

    @Test
    void prepare_unchangedCode_loadsNothingAgain() throws Exception {
        prepare(versions.of(1, coded("a", one))).activate();

        prepare(versions.of(2, coded("a", one), plain("b"))).activate();

        assertThat(source.fetched()).containsExactly(one);
        assertThat(pools.pools()).hasSize(1);
        assertThat(pools.last().closes()).isZero();
    }

    @Test
    void prepare_otherArtifact_loadsThatOneAndClosesTheOldPool() throws Exception {
        prepare(versions.of(1, coded("a", one))).activate();
        ScriptedPools.Pool old = pools.last();

        prepare(versions.of(2, coded("a", two))).activate();

        assertThat(source.fetched()).containsExactly(one, two);
        assertThat(old.closes()).isEqualTo(1);
    }

    @Test
    void prepare_routesCallNoCode_needsNoArtifact() throws Exception {
        StoredApi unused =
                Versions.api(
                        ApiFixture.named("a").code(ApiFixture.userCode("f")).route(text()).build(),
                        Digest.of(new byte[] {9}));

        prepare(versions.of(1, unused)).activate();

        assertThat(source.fetched()).isEmpty();
    }

    @Test
    void discard_closesWhatItMade() throws Exception {
        Preparer.Prepared prepared = prepare(versions.of(1, coded("a", one)));

        prepared.discard();

        assertThat(pools.last().closes()).isEqualTo(1);
        assertThat(active.current()).isNull();
    }

    @Test
    void prepare_fromDiskAlone_fetchesNothing() throws Exception {
        SnapshotContent content = versions.of(1, coded("a", one));

        RejectedException missing =
                catchThrowableOfType(
                        RejectedException.class, () -> preparer.prepare(content, Sources.DISK));
        assertThat(missing.problems())
                .extracting(NodeProblem::message)
                .containsExactly("artifact " + one + " is not on disk");
        assertThat(source.fetched()).isEmpty();

        prepare(content).discard();
        preparer.prepare(content, Sources.DISK).discard();
        assertThat(source.fetched()).containsExactly(one);
    }

    @Test
    void prepare_severalApisAreWrong_tellsEachAndLeavesNothing() {
        Digest nowhere = Digest.of(new byte[] {1});
        SnapshotContent content =
                versions.of(1, coded("a", one), coded("b", nowhere), coded("c", nowhere));

        RejectedException rejected =
                catchThrowableOfType(RejectedException.class, () -> prepare(content));

        assertThat(rejected.problems()).extracting(NodeProblem::api).containsExactly("b", "c");
        assertThat(rejected.problems())
                .extracting(NodeProblem::message)
                .containsOnly("artifact " + nowhere + " cannot be had: nobody has it");
        assertThat(pools.last().closes()).isEqualTo(1);
    }

    @Test
    void prepare_irDoesNotDecode_namesTheApi() {
        requireProblem("b", "IR", versions.of(1, plain("a"), Versions.text("b", "no IR")));
    }

    @Test
    void prepare_irOfAnotherApi_isRejected() {
        StoredApi real = plain("other");
        var renamed = new StoredApi(new ApiEntry("a", real.entry().ir(), List.of()), real.ir());

        requireProblem("a", "IR", versions.of(1, renamed));
    }

    @Test
    void prepare_twoArtifacts_isRejected() {
        requireProblem("a", "ARTIFACT", versions.of(1, coded("a", one, two)));
    }

    @Test
    void prepare_poolFails_isRejected() {
        pools.failing("start-up: panic");

        requireProblem("a", "BUILD_UNAVAILABLE", versions.of(1, coded("a", one)));
    }

    @Test
    void prepare_interrupted_endsAsSuch() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> prepare(versions.of(1, coded("a", one))))
                .isInstanceOf(InterruptedException.class);
        assertThat(pools.pools()).isEmpty();
    }

    private Preparer.Prepared prepare(SnapshotContent content)
            throws RejectedException, InterruptedException {
        return preparer.prepare(content, Sources.ANYWHERE);
    }

    private void requireProblem(String api, String code, SnapshotContent content) {
        RejectedException rejected =
                catchThrowableOfType(RejectedException.class, () -> prepare(content));
        assertThat(rejected.problems()).hasSize(1);
        assertThat(rejected.problems().getFirst().api()).isEqualTo(api);
        assertThat(rejected.problems().getFirst().code()).isEqualTo(code);
    }

    private static StoredApi plain(String name) {
        return Versions.api(ApiFixture.named(name).route(text()).build());
    }

    private static StoredApi coded(String name, Digest... artifacts) {
        RouteFixture route =
                RouteFixture.of("GET", "/").text(RouteFixture.hole(RouteFixture.call(0)));
        return Versions.api(
                ApiFixture.named(name).code(ApiFixture.userCode("f")).route(route).build(),
                artifacts);
    }

    private static RouteFixture text() {
        return RouteFixture.of("GET", "/").text(RouteFixture.literal("hello"));
    }
}
