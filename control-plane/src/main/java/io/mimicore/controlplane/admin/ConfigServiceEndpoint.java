package io.mimicore.controlplane.admin;

import static java.util.Objects.requireNonNull;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.mimicore.config.ConfigFile;
import io.mimicore.controlplane.catalog.AdminOutcome;
import io.mimicore.controlplane.catalog.AdminSource;
import io.mimicore.controlplane.catalog.Application;
import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.controlplane.catalog.FileCheck;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ApplyApiRequest;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.ConfirmRemovalRequest;
import io.mimicore.proto.admin.v1.ConfirmRemovalResponse;
import io.mimicore.proto.admin.v1.DeleteApiRequest;
import io.mimicore.proto.admin.v1.DeleteApiResponse;
import io.mimicore.proto.admin.v1.GetApiRequest;
import io.mimicore.proto.admin.v1.ListApisRequest;
import io.mimicore.proto.admin.v1.ListApisResponse;
import io.mimicore.proto.admin.v1.ValidateApiRequest;
import io.mimicore.proto.admin.v1.ValidateApiResponse;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Shows the catalog (the authors' files, what became of them and what is wrong with them), and
/// takes files and removes what was taken. Thread-safe; calls that change something, and
/// validations, block.
public final class ConfigServiceEndpoint extends ConfigServiceGrpc.ConfigServiceImplBase {
    /// Largest message of this service, in bytes: a config, and what is around it.
    public static final int REQUEST_BYTES_MAX = ConfigFile.BYTES_MAX + 64 * 1024;

    /// Longest name of a file, in characters.
    static final int FILE_NAME_CHARS_MAX = 1_024;

    private final Leading leading;
    private final FileCheck check;

    /// @param check checks files without making them live
    public ConfigServiceEndpoint(Leading leading, FileCheck check) {
        this.leading = requireNonNull(leading, "leading");
        this.check = requireNonNull(check, "check");
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
    public void applyApi(ApplyApiRequest request, StreamObserver<Api> responses) {
        Answers.change(
                responses,
                () -> {
                    Application application = application(request);
                    AdminSource source = adminSource();
                    return request.getValidateOnly()
                            ? source.check(application)
                            : source.apply(application);
                },
                done -> ApiEncoding.encode(done.api()));
    }

    @Override
    public void validateApi(
            ValidateApiRequest request, StreamObserver<ValidateApiResponse> responses) {
        Answers.answer(responses, () -> validate(request));
    }

    @Override
    public void deleteApi(DeleteApiRequest request, StreamObserver<DeleteApiResponse> responses) {
        Function<AdminOutcome.Done, DeleteApiResponse> deleted =
                done ->
                        DeleteApiResponse.newBuilder()
                                .setVersion(done.version())
                                .setHandedTo(done.api().fileName())
                                .build();
        Answers.change(
                responses,
                () -> {
                    String api = Answers.idOf("name", request.getName(), ApiEncoding.PREFIX);
                    return adminSource().delete(api, request.getEtag());
                },
                deleted,
                refused ->
                        request.getAllowMissing()
                                        && refused.reason() == AdminOutcome.Reason.NOT_FOUND
                                ? DeleteApiResponse.getDefaultInstance()
                                : null);
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
                leading.confirmRemoval(source)
                        .whenComplete((removed, failure) ->
                                Answers.answer(
                                        responses,
                                        () -> {
                                            if (failure != null) {
                                                throw notLeading();
                                            }
                                            return ConfirmRemovalResponse.newBuilder()
                                                    .setRemoved(removed)
                                                    .build();
                                        }));
    }

    private static Application application(ApplyApiRequest request) {
        String api =
                request.getName().isEmpty()
                        ? ""
                        : Answers.idOf("name", request.getName(), ApiEncoding.PREFIX);
        String name = request.getFileName();
        if (name.isEmpty()) {
            name = api.isEmpty() ? "config.json" : api + ".json";
        }
        byte[] content = request.getContent().toByteArray();
        return new Application(api, file(name, content), request.getEtag(), request.getTakeOver());
    }

    private static ConfigFile file(String name, byte[] content) {
        if (name.length() > FILE_NAME_CHARS_MAX) {
            throw AdminErrors.badField(
                    "file_name",
                    name.length() + " characters (expected: at most " + FILE_NAME_CHARS_MAX + ")");
        }
        if (content.length > ConfigFile.BYTES_MAX) {
            throw AdminErrors.badField(
                    "content",
                    content.length + " bytes (expected: at most " + ConfigFile.BYTES_MAX + ")");
        }
        return new ConfigFile(name, content);
    }

    private ValidateApiResponse validate(ValidateApiRequest request) {
        String name = request.getFileName().isEmpty() ? "config.json" : request.getFileName();
        ConfigFile file = file(name, request.getContent().toByteArray());
        FileCheck.Checked checked = Answers.interruptibly(() -> check.check(file, null));
        ValidateApiResponse.Builder response = ValidateApiResponse.newBuilder();
        if (checked.api() != null) {
            response.setName(ApiEncoding.PREFIX + checked.api());
        }
        checked.diagnostics().forEach(problem -> response.addProblems(ApiEncoding.encode(problem)));
        return response.build();
    }

    private Api get(String name) {
        CatalogView.Api api = view().apis().get(Answers.idOf("name", name, ApiEncoding.PREFIX));
        if (api == null) {
            throw AdminErrors.notFound("Api", name);
        }
        return ApiEncoding.encode(api);
    }

    private ListApisResponse list(ListApisRequest request) {
        CatalogView view = view();
        Pages.Page<CatalogView.Api> page =
                Pages.of(view.apis(), request.getPageSize(), request.getPageToken());
        ListApisResponse.Builder response =
                ListApisResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items().forEach(api -> response.addApis(ApiEncoding.encode(api)));
        view.problems().forEach(problem -> response.addProblems(ApiEncoding.encode(problem)));
        return response.build();
    }

    private CatalogView view() {
        @Nullable CatalogView view = leading.view();
        if (view == null) {
            throw notLeading();
        }
        return view;
    }

    private AdminSource adminSource() {
        @Nullable AdminSource source = leading.adminSource();
        if (source == null) {
            throw notLeading();
        }
        return source;
    }

    private StatusRuntimeException notLeading() {
        return AdminErrors.notLeading(leading.leader());
    }
}
