package io.mimicore.controlplane;

import static io.mimicore.testkit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.mimicore.build.BuildOutcome;
import io.mimicore.config.ConfigFile;
import io.mimicore.controlplane.catalog.AdminSource;
import io.mimicore.controlplane.catalog.ConfigLanguage;
import io.mimicore.controlplane.catalog.JsonConfigLanguage;
import io.mimicore.controlplane.snapshot.CachedContent;
import io.mimicore.controlplane.snapshot.PublishedApi;
import io.mimicore.controlplane.snapshot.SnapshotReader;
import io.mimicore.ir.Digest;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ApplyApiRequest;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.DeleteApiRequest;
import io.mimicore.proto.admin.v1.GetApiRequest;
import io.mimicore.proto.admin.v1.ListApisRequest;
import io.mimicore.proto.admin.v1.Problem;
import io.mimicore.signing.ClusterKey;
import io.mimicore.store.Objects;
import io.mimicore.store.StoreKeys;
import io.mimicore.testkit.InMemoryMetadataStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Configs that are applied, over gRPC, beside a directory.
class AdminApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final StoreKeys KEYS = new StoreKeys("test");

    private final ClusterKey key = ClusterKey.generate();
    private final FaultyStore store = new FaultyStore(new InMemoryMetadataStore());
    private final FakeBuildQueue builds = new FakeBuildQueue();
    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore();

    private ConfigLanguage language = new JsonConfigLanguage();

    @TempDir Path configs;
    private ControlPlane plane;
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        plane =
                ControlPlane.builder()
                        .store(store, KEYS)
                        .artifacts(artifacts)
                        .builds(builds)
                        .clusterKey(key)
                        .name(() -> "127.0.0.1:7071")
                        .directory(configs)
                        .language(language)
                        .build();
        String name = InProcessServerBuilder.generateName();
        InProcessServerBuilder builder = InProcessServerBuilder.forName(name);
        plane.adminServices().forEach(builder::addService);
        server = builder.build().start();
        channel = InProcessChannelBuilder.forName(name).build();
        plane.start();
        assertThat(plane.awaitFirstPublish(PATIENCE)).isNotNull();
    }

    @AfterEach
    void stop() {
        plane.close();
        channel.shutdownNow();
        server.shutdownNow();
    }

    private void restart() throws IOException, InterruptedException {
        stop();
        start();
    }

    @Test
    void file_applied_isLiveWhenTheAnswerComes() {
        Api applied = stub().applyApi(apply(text("a", "/1")));

        assertThat(applied.getName()).isEqualTo("apis/a");
        assertThat(applied.getSource()).isEqualTo("admin");
        assertThat(applied.getFileName()).isEqualTo("a.json");
        assertThat(applied.getEtag()).isNotEmpty();
        assertThat(applied.getLiveVersion()).isEqualTo(target());
        assertThat(get("a")).isEqualTo(applied);
    }

    @Test
    void file_appliedTwice_isOneVersionAndTheSameAnswer() {
        Api first = stub().applyApi(apply(text("a", "/1")));
        Api again =
                stub().applyApi(apply(text("a", "/1")).toBuilder().setEtag("of long ago").build());

        assertThat(again).isEqualTo(first);
        assertThat(target()).isEqualTo(first.getLiveVersion());
    }

    @Test
    void file_thatIsWrong_changesNothingAndTellsEverything() throws InvalidProtocolBufferException {
        Api before = stub().applyApi(apply(text("a", "/1")));
        String wrong =
                "{\"api\":\"a\",\"version\":\"v2\",\n\"rotes\":[],\n\"hosts\":7,\"routes\":[]}";

        com.google.rpc.Status status =
                failure(Status.Code.INVALID_ARGUMENT, () -> stub().applyApi(apply(wrong)));

        ErrorInfo info = detail(status, ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo("CONFIG_REJECTED");
        assertThat(info.getMetadataMap()).containsEntry("errors", "2").containsEntry("shown", "2");
        assertThat(detail(status, BadRequest.class).getFieldViolationsList())
                .extracting(
                        BadRequest.FieldViolation::getField, BadRequest.FieldViolation::getReason)
                .containsExactly(
                        tuple("content/rotes", "FIELD_UNKNOWN"),
                        tuple("content/hosts", "FIELD_TYPE"));
        assertThat(get("a")).isEqualTo(before);
        // It is not the catalog's matter: whoever applied it was told.
        assertThat(problems()).isEmpty();
    }

    /// Trailers of gRPC have a limit that clients set, 8 KiB by default.
    @Test
    void file_withThousandProblems_isRefusedInHeadersThatEveryClientTakes()
            throws InvalidProtocolBufferException {
        var text = new StringBuilder("{\"api\":\"a\",\"version\":\"v2\"");
        for (int i = 0; i < 1_000; i++) {
            text.append(",\n\"unknown field of a long name number ").append(i).append("\":1");
        }
        String wrong = text.append("}").toString();

        com.google.rpc.Status status =
                failure(Status.Code.INVALID_ARGUMENT, () -> stub().applyApi(apply(wrong)));

        assertThat(status.getSerializedSize()).isLessThan(6 * 1024);
        ErrorInfo info = detail(status, ErrorInfo.class);
        int shown = detail(status, BadRequest.class).getFieldViolationsCount();
        assertThat(info.getMetadataMap()).containsEntry("shown", Integer.toString(shown));
        assertThat(Integer.parseInt(info.getMetadataOrThrow("errors"))).isGreaterThan(shown);
        assertThat(shown).isPositive();
    }

    @Test
    void name_thatIsNotTheFiles_isABadRequest() throws InvalidProtocolBufferException {
        ApplyApiRequest request = apply(text("a", "/1")).toBuilder().setName("apis/b").build();

        var status = failure(Status.Code.INVALID_ARGUMENT, () -> stub().applyApi(request));

        assertThat(detail(status, BadRequest.class).getFieldViolations(0).getField())
                .isEqualTo("name");
        failure(Status.Code.NOT_FOUND, () -> get("a"));
    }

    @Test
    void etag_thatIsOld_changesNothing() throws InvalidProtocolBufferException {
        Api first = stub().applyApi(apply(text("a", "/1")));
        Api second =
                stub().applyApi(
                                apply(text("a", "/2")).toBuilder()
                                        .setEtag(first.getEtag())
                                        .build());
        assertThat(second.getEtag()).isNotEqualTo(first.getEtag());
        ApplyApiRequest stale = apply(text("a", "/3")).toBuilder().setEtag(first.getEtag()).build();

        var status = failure(Status.Code.ABORTED, () -> stub().applyApi(stale));

        assertThat(detail(status, ErrorInfo.class).getMetadataMap())
                .containsEntry("etag", second.getEtag());
        assertThat(get("a")).isEqualTo(second);
        var delete =
                DeleteApiRequest.newBuilder().setName("apis/a").setEtag(first.getEtag()).build();
        failure(Status.Code.ABORTED, () -> stub().deleteApi(delete));
    }

    @Test
    void validateOnly_ofARightFile_changesNothing() {
        ApplyApiRequest request = apply(text("a", "/1")).toBuilder().setValidateOnly(true).build();
        long before = target();

        Api checked = stub().applyApi(request);

        assertThat(checked.getEtag()).isNotEmpty();
        assertThat(checked.getLiveVersion()).isZero();
        assertThat(target()).isEqualTo(before);
        failure(Status.Code.NOT_FOUND, () -> get("a"));
        // The etag is the one that it would have.
        assertThat(stub().applyApi(apply(text("a", "/1"))).getEtag()).isEqualTo(checked.getEtag());
    }

    @Test
    void api_deleted_isGoneWhenTheAnswerComes() {
        Api applied = stub().applyApi(apply(text("a", "/1")));

        var answer = stub().deleteApi(DeleteApiRequest.newBuilder().setName("apis/a").build());

        assertThat(answer.getVersion()).isEqualTo(applied.getLiveVersion() + 1).isEqualTo(target());
        failure(Status.Code.NOT_FOUND, () -> get("a"));
        var again = DeleteApiRequest.newBuilder().setName("apis/a").build();
        failure(Status.Code.NOT_FOUND, () -> stub().deleteApi(again));
        var _ = stub().deleteApi(again.toBuilder().setAllowMissing(true).build());
    }

    @Test
    void api_ofADirectory_isRefusedByItsOwnerUnlessTakenOver()
            throws IOException, InvalidProtocolBufferException {
        Files.writeString(configs.resolve("a.json"), text("a", "/file"));
        eventually(PATIENCE, () -> assertThat(get("a").getLiveVersion()).isPositive());
        long before = target();

        var status =
                failure(
                        Status.Code.FAILED_PRECONDITION,
                        () -> stub().applyApi(apply(text("a", "/1"))));

        assertThat(status.getMessage()).contains(configs.resolve("a.json").toString());
        assertThat(detail(status, ErrorInfo.class).getMetadataOrThrow("owner"))
                .isEqualTo("dir:" + configs);
        var delete = DeleteApiRequest.newBuilder().setName("apis/a").build();
        failure(Status.Code.FAILED_PRECONDITION, () -> stub().deleteApi(delete));
        assertThat(target()).isEqualTo(before);

        Api taken = stub().applyApi(apply(text("a", "/1")).toBuilder().setTakeOver(true).build());
        assertThat(taken.getSource()).isEqualTo("admin");
        // The file that lost its API says so, and is not removed for it.
        eventually(
                PATIENCE,
                () ->
                        assertThat(problems())
                                .singleElement()
                                .satisfies(problem -> {
                                    assertThat(problem.getFile())
                                            .isEqualTo(configs.resolve("a.json").toString());
                                    assertThat(problem.getMessage()).contains("admin API");
                                    assertThat(problem.getPointer()).isEqualTo("/api");
                                }));
        assertThat(get("a")).isEqualTo(taken);

        // An edit of the file does not take it back.
        Files.writeString(configs.resolve("a.json"), text("a", "/file2"));
        Files.writeString(configs.resolve("b.json"), text("b", "/"));
        eventually(PATIENCE, () -> assertThat(get("b").getLiveVersion()).isPositive());
        assertThat(get("a")).isEqualTo(taken);

        // Deleting it does, without a version in between that lacks it.
        assertThat(stub().deleteApi(delete).getHandedTo())
                .isEqualTo(configs.resolve("a.json").toString());
        eventually(PATIENCE, () -> assertThat(get("a").getSource()).startsWith("dir:"));
        assertThat(problems()).isEmpty();
        eventually(PATIENCE, () -> assertThat(get("a").getLiveVersion()).isEqualTo(target()));
    }

    @Test
    void restart_keepsWhatWasApplied_andWhoOwnsIt() throws IOException, InterruptedException {
        Files.writeString(configs.resolve("a.json"), text("a", "/file"));
        eventually(PATIENCE, () -> assertThat(get("a").getLiveVersion()).isPositive());
        Api a = stub().applyApi(apply(text("a", "/1")).toBuilder().setTakeOver(true).build());
        Api b = stub().applyApi(apply(text("b", "/1")));
        long version = target();

        restart();

        assertThat(get("a")).isEqualTo(a);
        assertThat(get("b")).isEqualTo(b);
        assertThat(target()).isEqualTo(version);
        eventually(PATIENCE, () -> assertThat(problems()).hasSize(1));
        assertThat(target()).isEqualTo(version);
    }

    @Test
    void compiler_thatIsAnotherOne_compilesWhatWasAppliedAgain()
            throws IOException, InterruptedException {
        Api before = stub().applyApi(apply(text("a", "/1")));
        assertThat(compilerOf("a")).isEqualTo(language.version());

        language = new NextLanguage();
        restart();

        eventually(PATIENCE, () -> assertThat(compilerOf("a")).isEqualTo("next"));
        // It has come to the same, so there is no new version.
        assertThat(get("a")).isEqualTo(before);
    }

    @Test
    void artifact_thatIsGone_isBuiltAgainAfterARestart() throws IOException, InterruptedException {
        answerWith(new byte[] {1});
        Api before = stub().applyApi(apply(coded("a")));
        restart();
        assertThat(builds.builds()).as("nothing was gone").isEqualTo(1);

        artifacts.delete(Digest.of(new byte[] {1}));
        answerWith(new byte[] {2});
        restart();

        eventually(PATIENCE, () -> assertThat(target()).isGreaterThan(before.getLiveVersion()));
        assertThat(get("a").getSource()).isEqualTo("admin");
        assertThat(builds.builds()).isEqualTo(2);
    }

    @Test
    void codeFile_named_isRefused() throws InvalidProtocolBufferException {
        String named =
                coded("a").replace("\"inline_source\": \"package main\"", "\"source\": \"x.go\"");

        var status = failure(Status.Code.INVALID_ARGUMENT, () -> stub().applyApi(apply(named)));

        assertThat(detail(status, BadRequest.class).getFieldViolations(0).getDescription())
                .contains("x.go (expected: inline_source");
    }

    @Test
    void slowBuild_neverReplacesWhatWasAskedForLater() throws InterruptedException {
        var building = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        BuildOutcome built = built();
        builds.answer(_ -> {
            building.countDown();
            await(mayEnd);
            return built;
        });
        List<Throwable> slow = new ArrayList<>();
        Thread first =
                Thread.ofVirtual()
                        .start(() ->
                                slow.add(catchThrowable(() -> stub().applyApi(apply(coded("a"))))));
        assertThat(building.await(20, TimeUnit.SECONDS)).isTrue();

        Api second = stub().applyApi(apply(text("a", "/2")));
        mayEnd.countDown();
        first.join();

        assertThat(slow)
                .singleElement()
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode())
                                .isEqualTo(Status.Code.ABORTED));
        assertThat(get("a")).isEqualTo(second);
    }

    @Test
    void client_thatGoesAwayWhileItsCodeIsBuilt_losesNothing() throws InterruptedException {
        var mayEnd = new CountDownLatch(1);
        BuildOutcome built = built();
        builds.answer(_ -> {
            await(mayEnd);
            return built;
        });

        failure(
                Status.Code.DEADLINE_EXCEEDED,
                () ->
                        stub().withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                                .applyApi(apply(coded("a"))));
        mayEnd.countDown();

        eventually(PATIENCE, () -> assertThat(get("a").getLiveVersion()).isPositive());
        long version = target();
        assertThat(stub().applyApi(apply(coded("a"))).getLiveVersion()).isEqualTo(version);
        assertThat(builds.builds()).isEqualTo(1);
    }

    @Test
    void changes_thatWaitInCrowds_areRefusedBeyondALimit() throws InterruptedException {
        int tooMany = 8;
        var mayEnd = new CountDownLatch(1);
        builds.answer(_ -> {
            await(mayEnd);
            return new BuildOutcome.Unavailable("no worker in this test");
        });
        List<Thread> crowd = new ArrayList<>();
        List<Status.Code> answers = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < AdminSource.PENDING_MAX + tooMany; i++) {
            String api = "a" + i;
            Runnable apply =
                    () -> {
                        Throwable failure =
                                catchThrowable(() -> stub().applyApi(apply(coded(api))));
                        answers.add(Status.fromThrowable(failure).getCode());
                    };
            crowd.add(Thread.ofVirtual().start(apply));
        }

        eventually(PATIENCE, () -> assertThat(answers).hasSize(tooMany));
        assertThat(answers).containsOnly(Status.Code.RESOURCE_EXHAUSTED);

        mayEnd.countDown();
        for (Thread thread : crowd) {
            thread.join();
        }
        assertThat(answers.subList(tooMany, answers.size()))
                .hasSize(AdminSource.PENDING_MAX)
                .containsOnly(Status.Code.UNAVAILABLE);
        assertThat(stub().applyApi(apply(text("b", "/1"))).getLiveVersion()).isPositive();
    }

    @Test
    void store_thatFailsForAWhile_delaysTheAnswerAndLosesNothing() throws InterruptedException {
        store.failAfter(0, true);
        List<Api> answers = java.util.Collections.synchronizedList(new ArrayList<>());
        Thread applying =
                Thread.ofVirtual()
                        .start(() -> answers.add(stub().applyApi(apply(text("a", "/1")))));
        eventually(PATIENCE, () -> assertThat(applies()).containsExactly("apis/a"));
        assertThat(answers).isEmpty();

        store.down(false);
        applying.join();

        assertThat(answers).singleElement().isEqualTo(get("a"));
        assertThat(get("a").getLiveVersion()).isEqualTo(target());
    }

    private List<String> applies() {
        return stub().listApis(ListApisRequest.getDefaultInstance()).getApisList().stream()
                .map(Api::getName)
                .toList();
    }

    private List<Problem> problems() {
        return stub().listApis(ListApisRequest.getDefaultInstance()).getProblemsList();
    }

    private Api get(String api) {
        return stub().getApi(GetApiRequest.newBuilder().setName("apis/" + api).build());
    }

    private long target() {
        return reader().target();
    }

    private String compilerOf(String api) {
        PublishedApi published = reader().sources().get(api);
        return published == null ? "" : published.form().compiler();
    }

    private SnapshotReader reader() {
        return new SnapshotReader(store, KEYS, CachedContent.of(new Objects(store, KEYS)));
    }

    private void answerWith(byte[] artifact) {
        artifacts.put(artifact);
        Digest key = Digest.of(new byte[] {7});
        var built = new BuildOutcome.Built(key, Digest.of(artifact), List.of());
        builds.answer(_ -> built);
    }

    private BuildOutcome built() {
        var stored = artifacts.put(new byte[] {1});
        return new BuildOutcome.Built(Digest.of(new byte[] {7}), stored.digest(), List.of());
    }

    /// The same language as another version of the program has it.
    private static final class NextLanguage implements ConfigLanguage {
        private final ConfigLanguage same = new JsonConfigLanguage();

        @Override
        public String version() {
            return "next";
        }

        @Override
        public boolean isWellFormed(byte[] content) {
            return same.isWellFormed(content);
        }

        @Override
        public Reading read(ConfigFile file) {
            return same.read(file);
        }
    }

    private ConfigServiceGrpc.ConfigServiceBlockingStub stub() {
        return ConfigServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static ApplyApiRequest apply(String text) {
        return ApplyApiRequest.newBuilder()
                .setFileName("a.json")
                .setContent(ByteString.copyFromUtf8(text))
                .build();
    }

    private static String text(String api, String path) {
        return """
        {"api": "%s", "version": "v2", "routes": [
          {"method": "GET", "path": "%s", "response": {"status": 200, "body": {"ok": true}}}]}
        """
                .formatted(api, path);
    }

    private static String coded(String api) {
        return text(api, "/c")
                .replace(
                        "\"routes\"",
                        "\"user_code\": {\"inline_source\": \"package main\"}, \"routes\"");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static com.google.rpc.Status failure(Status.Code code, ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure).isInstanceOf(StatusRuntimeException.class);
        assertThat(Status.fromThrowable(failure).getCode()).as(failure.toString()).isEqualTo(code);
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        return status == null ? com.google.rpc.Status.getDefaultInstance() : status;
    }

    private static <T extends com.google.protobuf.Message> T detail(
            com.google.rpc.Status status, Class<T> type) throws InvalidProtocolBufferException {
        for (Any detail : status.getDetailsList()) {
            if (detail.is(type)) {
                return detail.unpack(type);
            }
        }
        throw new AssertionError("no " + type.getSimpleName() + " in " + status);
    }
}
