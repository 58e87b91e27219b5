package io.mimicore.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.ResourceInfo;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.mimicore.config.ConfigFile;
import io.mimicore.controlplane.FakeBuildQueue;
import io.mimicore.controlplane.InMemoryArtifactStore;
import io.mimicore.controlplane.catalog.AdminSource;
import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.controlplane.catalog.FileCheck;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ApplyApiRequest;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.ConfirmRemovalRequest;
import io.mimicore.proto.admin.v1.DeleteApiRequest;
import io.mimicore.proto.admin.v1.GetApiRequest;
import io.mimicore.proto.admin.v1.ListApisRequest;
import io.mimicore.proto.admin.v1.ListApisResponse;
import io.mimicore.proto.admin.v1.Problem;
import io.mimicore.proto.admin.v1.ValidateApiRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfigServiceEndpointTest {
    private static final Diagnostic PROBLEM =
            Diagnostic.error(
                    Place.of("configs/a.json", 3, 5, "/routes/0"),
                    DiagnosticCode.FIELD_UNKNOWN,
                    "pth: (expected: path)",
                    "did you mean path?");

    private final List<SourceId> confirmed = new ArrayList<>();
    private @Nullable CatalogView view = CatalogView.EMPTY;
    private String leader = "10.0.0.7:7071";
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        String name = InProcessServerBuilder.generateName();
        var check =
                new FileCheck(new FakeBuildQueue(), new InMemoryArtifactStore(), Clock.systemUTC());
        var endpoint = new ConfigServiceEndpoint(new Elsewhere(), check);
        server = InProcessServerBuilder.forName(name).addService(endpoint).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void api_thatIsThere_isShownWithItsProblems() {
        show(api("a", 7, PROBLEM));

        Api api = stub().getApi(GetApiRequest.newBuilder().setName("apis/a").build());

        assertThat(api)
                .isEqualTo(
                        Api.newBuilder()
                                .setName("apis/a")
                                .setSource("dir:/configs")
                                .setFileName("configs/a.json")
                                .setEtag("etag-a")
                                .setLiveVersion(7)
                                .addProblems(
                                        Problem.newBuilder()
                                                .setFile("configs/a.json")
                                                .setLine(3)
                                                .setColumn(5)
                                                .setPointer("/routes/0")
                                                .setCode("FIELD_UNKNOWN")
                                                .setMessage("pth: (expected: path)")
                                                .setHint("did you mean path?"))
                                .build());
    }

    @Test
    void api_thatIsNotThere_isNotFoundByName() throws InvalidProtocolBufferException {
        var status =
                failure(
                        Status.Code.NOT_FOUND,
                        () -> stub().getApi(GetApiRequest.newBuilder().setName("apis/x").build()));

        assertThat(status.getDetails(0).unpack(ResourceInfo.class).getResourceName())
                .isEqualTo("apis/x");
    }

    @Test
    void name_thatIsNone_isABadRequest() throws InvalidProtocolBufferException {
        var status =
                failure(
                        Status.Code.INVALID_ARGUMENT,
                        () -> stub().getApi(GetApiRequest.newBuilder().setName("a").build()));

        assertThat(status.getDetails(0).unpack(BadRequest.class).getFieldViolations(0).getField())
                .isEqualTo("name");
    }

    @Test
    void apis_onPages_areListedOnceEachInOrder() {
        CatalogView.Api[] apis = new CatalogView.Api[25];
        for (int i = 0; i < apis.length; i++) {
            apis[i] = api(String.format("api%02d", i), 1);
        }
        show(apis);
        List<String> names = new ArrayList<>();
        String token = "";
        int pages = 0;
        do {
            ListApisResponse page =
                    stub().listApis(
                                    ListApisRequest.newBuilder()
                                            .setPageSize(10)
                                            .setPageToken(token)
                                            .build());
            page.getApisList().forEach(api -> names.add(api.getName()));
            token = page.getNextPageToken();
            pages++;
        } while (!token.isEmpty());

        assertThat(pages).isEqualTo(3);
        assertThat(names).hasSize(25).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void apis_thatFillThePageExactly_haveNoNextPage() {
        show(api("a", 1), api("b", 1));

        ListApisResponse page =
                stub().listApis(ListApisRequest.newBuilder().setPageSize(2).build());

        assertThat(page.getApisCount()).isEqualTo(2);
        assertThat(page.getNextPageToken()).isEmpty();
    }

    @Test
    void page_thatIsRemovedFrom_goesOnAfterItsLastName() {
        show(api("a", 1), api("b", 1), api("c", 1));
        String token =
                stub().listApis(ListApisRequest.newBuilder().setPageSize(2).build())
                        .getNextPageToken();
        show(api("a", 1), api("c", 1));

        assertThat(
                        stub().listApis(ListApisRequest.newBuilder().setPageToken(token).build())
                                .getApisList())
                .extracting(Api::getName)
                .containsExactly("apis/c");
    }

    @Test
    void problems_ofNoApi_areListedBeside() {
        view = new CatalogView(new TreeMap<>(), List.of(PROBLEM), Map.of());

        assertThat(stub().listApis(ListApisRequest.getDefaultInstance()).getProblemsList())
                .extracting(Problem::getCode)
                .containsExactly("FIELD_UNKNOWN");
    }

    @Test
    void page_thatIsAskedForWrongly_isABadRequest() {
        failure(
                Status.Code.INVALID_ARGUMENT,
                () -> stub().listApis(ListApisRequest.newBuilder().setPageSize(-1).build()));
        failure(
                Status.Code.INVALID_ARGUMENT,
                () -> stub().listApis(ListApisRequest.newBuilder().setPageToken("§").build()));
    }

    @Test
    void catalog_thatIsElsewhere_isUnavailableHere() throws InvalidProtocolBufferException {
        view = null;

        var status =
                failure(
                        Status.Code.FAILED_PRECONDITION,
                        () -> stub().listApis(ListApisRequest.getDefaultInstance()));

        ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo("NOT_LEADER");
        assertThat(info.getDomain()).isEqualTo("mimicore");
        assertThat(info.getMetadataMap()).containsExactly(Map.entry("leader", "10.0.0.7:7071"));
    }

    @Test
    void change_thatReachesAFollower_namesTheLeader() throws InvalidProtocolBufferException {
        var apply = ApplyApiRequest.newBuilder().setContent(ByteString.copyFromUtf8("{}")).build();
        var delete = DeleteApiRequest.newBuilder().setName("apis/a").build();
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> stub().applyApi(apply), () -> stub().deleteApi(delete))) {
            var status = failure(Status.Code.FAILED_PRECONDITION, call);

            assertThat(status.getDetails(0).unpack(ErrorInfo.class).getMetadataOrThrow("leader"))
                    .isEqualTo("10.0.0.7:7071");
        }
    }

    @Test
    void change_whileNobodyLeads_isUnavailable() throws InvalidProtocolBufferException {
        leader = "";
        var delete = DeleteApiRequest.newBuilder().setName("apis/a").build();

        var status = failure(Status.Code.UNAVAILABLE, () -> stub().deleteApi(delete));

        assertThat(status.getDetails(0).unpack(ErrorInfo.class).getReason()).isEqualTo("NO_LEADER");
    }

    @Test
    void file_validated_hasAllItsProblemsWhereverItIsAsked() {
        var request =
                ValidateApiRequest.newBuilder()
                        .setFileName("dir/a.json")
                        .setContent(
                                ByteString.copyFromUtf8(
                                        "{\"api\":\"a\",\"version\":\"v2\",\n\"rotes\":[],\n\"hosts\":7}"))
                        .build();

        var answer = stub().validateApi(request);

        assertThat(answer.getName()).isEqualTo("apis/a");
        assertThat(answer.getProblemsList())
                .extracting(problem ->
                        problem.getFile() + ":" + problem.getLine() + " " + problem.getCode())
                .contains("dir/a.json:2 FIELD_UNKNOWN", "dir/a.json:3 FIELD_TYPE");
    }

    @Test
    void file_largerThanAConfig_isABadRequest() throws InvalidProtocolBufferException {
        byte[] large = new byte[ConfigFile.BYTES_MAX + 1];
        var request =
                ValidateApiRequest.newBuilder().setContent(ByteString.copyFrom(large)).build();

        var status = failure(Status.Code.INVALID_ARGUMENT, () -> stub().validateApi(request));

        assertThat(status.getDetails(0).unpack(BadRequest.class).getFieldViolations(0).getField())
                .isEqualTo("content");
    }

    @Test
    void removal_confirmed_saysHowManyApisWent() {
        var request = ConfirmRemovalRequest.newBuilder().setSource("dir:/configs").build();

        assertThat(stub().confirmRemoval(request).getRemoved()).isEqualTo(3);
        assertThat(confirmed).containsExactly(SourceId.directory(Path.of("/configs")));
        failure(
                Status.Code.INVALID_ARGUMENT,
                () -> stub().confirmRemoval(ConfirmRemovalRequest.getDefaultInstance()));
    }

    /// A catalog that can be looked at, and nothing else: as on a follower.
    private final class Elsewhere implements Leading {
        @Override
        public @Nullable CatalogView view() {
            return view;
        }

        @Override
        public @Nullable AdminSource adminSource() {
            return null;
        }

        @Override
        public CompletableFuture<Integer> confirmRemoval(SourceId source) {
            confirmed.add(source);
            return CompletableFuture.completedFuture(3);
        }

        @Override
        public String leader() {
            return leader;
        }
    }

    private ConfigServiceGrpc.ConfigServiceBlockingStub stub() {
        return ConfigServiceGrpc.newBlockingStub(channel);
    }

    private void show(CatalogView.Api... apis) {
        TreeMap<String, CatalogView.Api> byName = new TreeMap<>();
        for (CatalogView.Api api : apis) {
            byName.put(api.name(), api);
        }
        view = new CatalogView(byName, List.of(), Map.of());
    }

    private static CatalogView.Api api(String name, long version, Diagnostic... problems) {
        return new CatalogView.Api(
                name,
                "dir:/configs",
                "configs/" + name + ".json",
                "etag-" + name,
                version,
                List.of(problems));
    }

    private static com.google.rpc.Status failure(Status.Code code, ThrowingCallable call) {
        List<com.google.rpc.Status> found = new ArrayList<>();
        assertThatThrownBy(call)
                .satisfies(failure -> {
                    assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(code);
                    found.add(StatusProto.fromThrowable(failure));
                });
        return found.getFirst();
    }
}
