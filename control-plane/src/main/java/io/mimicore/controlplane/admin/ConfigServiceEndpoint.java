package io.mimicore.controlplane.admin;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.Place;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.ConfirmRemovalRequest;
import io.mimicore.proto.admin.v1.ConfirmRemovalResponse;
import io.mimicore.proto.admin.v1.GetApiRequest;
import io.mimicore.proto.admin.v1.ListApisRequest;
import io.mimicore.proto.admin.v1.ListApisResponse;
import io.mimicore.proto.admin.v1.Problem;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Shows the catalog: the authors' files, what became of them and what is wrong with them.
/// Thread-safe; answers from a view that is already there.
public final class ConfigServiceEndpoint extends ConfigServiceGrpc.ConfigServiceImplBase {
    private static final String PREFIX = "apis/";

    private final Supplier<@Nullable CatalogView> catalog;
    private final Removals removals;

    /// @param catalog gives the newest view; absent: this process does not lead
    public ConfigServiceEndpoint(Supplier<@Nullable CatalogView> catalog, Removals removals) {
        this.catalog = requireNonNull(catalog, "catalog");
        this.removals = requireNonNull(removals, "removals");
    }

    /// Removes what a source has lost and an alarm keeps.
    @FunctionalInterface
    public interface Removals {
        /// Completes with the number of APIs; fails when this process does not lead.
        CompletableFuture<Integer> confirm(SourceId source);
    }

    @Override
    public void getApi(GetApiRequest request, StreamObserver<Api> responses) {
        Answers.answer(responses, () -> get(request.getName()));
    }

    @Override
    public void listApis(ListApisRequest request, StreamObserver<ListApisResponse> responses) {
        Answers.answer(responses, () -> list(request));
    }

    @Override
    public void confirmRemoval(
            ConfirmRemovalRequest request, StreamObserver<ConfirmRemovalResponse> responses) {
        SourceId source;
        try {
            source = new SourceId(request.getSource());
        } catch (IllegalArgumentException e) {
            responses.onError(AdminErrors.badField("source", String.valueOf(e.getMessage())));
            return;
        }
        var _ =
                removals.confirm(source)
                        .whenComplete((removed, failure) -> {
                            if (failure != null) {
                                responses.onError(AdminErrors.notLeading());
                                return;
                            }
                            responses.onNext(
                                    ConfirmRemovalResponse.newBuilder()
                                            .setRemoved(removed)
                                            .build());
                            responses.onCompleted();
                        });
    }

    private Api get(String name) {
        CatalogView.Api api = view().apis().get(Answers.idOf("name", name, PREFIX));
        if (api == null) {
            throw AdminErrors.notFound("Api", name);
        }
        return encode(api);
    }

    private ListApisResponse list(ListApisRequest request) {
        CatalogView view = view();
        Pages.Page<CatalogView.Api> page =
                Pages.of(view.apis(), request.getPageSize(), request.getPageToken());
        ListApisResponse.Builder response =
                ListApisResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items().forEach(api -> response.addApis(encode(api)));
        view.problems().forEach(problem -> response.addProblems(encode(problem)));
        return response.build();
    }

    private CatalogView view() {
        CatalogView view = catalog.get();
        if (view == null) {
            throw AdminErrors.notLeading();
        }
        return view;
    }

    private static Api encode(CatalogView.Api api) {
        Api.Builder encoded =
                Api.newBuilder()
                        .setName(PREFIX + api.name())
                        .setSource(api.source())
                        .setFileName(api.fileName())
                        .setEtag(api.etag())
                        .setLiveVersion(api.liveVersion());
        api.problems().forEach(problem -> encoded.addProblems(encode(problem)));
        return encoded.build();
    }

    private static Problem encode(Diagnostic problem) {
        Place place = problem.place();
        return Problem.newBuilder()
                .setFile(place.file())
                .setLine(place.line())
                .setColumn(place.column())
                .setPointer(place.pointer())
                .setCode(problem.code().name())
                .setMessage(problem.message())
                .setHint(problem.hint())
                .setWarning(!problem.isError())
                .build();
    }
}
