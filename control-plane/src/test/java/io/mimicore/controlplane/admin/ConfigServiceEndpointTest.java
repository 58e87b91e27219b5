package io.mimicore.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.DiagnosticCode;
import io.mimicore.diagnostics.Place;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.ConfirmRemovalRequest;
import io.mimicore.proto.admin.v1.GetApiRequest;
import io.mimicore.proto.admin.v1.ListApisRequest;
import io.mimicore.proto.admin.v1.ListApisResponse;
import io.mimicore.proto.admin.v1.Problem;
import java.io.IOException;
import java.nio.file.Path;
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
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        String name = InProcessServerBuilder.generateName();
        var endpoint = new ConfigServiceEndpoint(() -> view, this::confirm);
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
                        Status.Code.UNAVAILABLE,
                        () -> stub().listApis(ListApisRequest.getDefaultInstance()));

        assertThat(status.getDetails(0).unpack(ErrorInfo.class).getReason())
                .isEqualTo("NOT_LEADING");
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

    private CompletableFuture<Integer> confirm(SourceId source) {
        confirmed.add(source);
        return CompletableFuture.completedFuture(3);
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
