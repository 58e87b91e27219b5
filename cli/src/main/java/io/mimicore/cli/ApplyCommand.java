package io.mimicore.cli;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import io.grpc.StatusRuntimeException;
import io.mimicore.config.ConfigFile;
import io.mimicore.config.ConfigReader;
import io.mimicore.config.ReadOutcome;
import io.mimicore.controlplane.catalog.FileCheck;
import io.mimicore.diagnostics.Place;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ApplyApiRequest;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.Problem;
import io.mimicore.proto.admin.v1.ValidateApiRequest;
import io.mimicore.proto.admin.v1.ValidateApiResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `mimicore apply -f FILE…`: makes configs live through the admin API.
@Command(
        name = "apply",
        description = {
            "Makes config files live, without a directory that is watched.",
            "",
            "Each file goes live as a whole or not at all; a wrong one is reported as 'mimicore validate'",
            "does, and what was live of it stays live. Applying the same file again changes nothing.",
            "An API that belongs to a watched directory is refused unless --take-over is given."
        },
        mixinStandardHelpOptions = true)
final class ApplyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = {"-f", "--file"},
            required = true,
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "Config files, or directories whose .json files are applied.")
    private List<Path> paths;

    @Option(
            names = "--take-over",
            description = {
                "Takes APIs from the directories that they belong to. Their files are reported as",
                "refused from then on; 'mimicore delete' gives the API back."
            })
    private boolean takeOver;

    @Option(
            names = "--dry-run",
            description = "Checks everything, builds code included, and changes nothing.")
    private boolean dryRun;

    @Mixin private ChangeOptions options;

    /// A file that the admin API did not take, for a reason outside of it.
    private record Refusal(String file, String reason, String message) {}

    private final List<FileReport> reports = new ArrayList<>();
    private final List<Api> applied = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        for (FileReport report : FileReport.withDuplicates(read())) {
            if (report.isWrong()) {
                reports.add(report);
            } else {
                apply(report.file(), out);
            }
        }
        boolean wrong = reports.stream().anyMatch(FileReport::isWrong);
        int files = reports.size();
        ObjectNode answer = DiagnosticsJson.of(files, FileReport.diagnostics(reports));
        addTo(answer);
        if (!options.isJson()) {
            print(out);
        }
        long version = applied.stream().mapToLong(Api::getLiveVersion).max().orElse(0);
        int waited = options.await(dryRun ? 0 : version, answer, spec.commandLine().getErr());
        if (options.isJson()) {
            out.println(DiagnosticsJson.print(answer));
        }
        out.flush();
        return wrong || !refusals.isEmpty() ? ExitCode.REFUSED : waited;
    }

    /// The files with the APIs that they declare; what else is in them is the admin API's matter.
    private List<FileReport> read() {
        ConfigPaths files = ConfigPaths.of(paths);
        List<FileReport> read = new ArrayList<>();
        for (Path path : files.all()) {
            try {
                ConfigFile file = files.read(path);
                read.add(new FileReport(file, named(file)));
            } catch (IOException e) {
                read.add(FileReport.unreadable(path, e));
            }
        }
        return read;
    }

    private static FileCheck.Checked named(ConfigFile file) {
        return switch (ConfigReader.read(file)) {
            case ReadOutcome.Read read ->
                    new FileCheck.Checked(
                            read.document().api(), read.document().apiPlace(), List.of());
            case ReadOutcome.Unreadable unreadable ->
                    new FileCheck.Checked(
                            unreadable.api(),
                            Place.of(file.name(), 1, 1, ""),
                            unreadable.diagnostics());
        };
    }

    private void apply(ConfigFile file, PrintWriter out) {
        ApplyApiRequest request =
                ApplyApiRequest.newBuilder()
                        .setContent(ByteString.copyFrom(file.content()))
                        .setFileName(file.name())
                        .setTakeOver(takeOver)
                        .setValidateOnly(dryRun)
                        .build();
        try {
            Api api =
                    options.call(channel ->
                            options.limited(ConfigServiceGrpc.newBlockingStub(channel))
                                    .applyApi(request));
            applied.add(api);
            reports.add(report(file, api.getName(), api.getProblemsList()));
            if (!options.isJson()) {
                out.println(file.name() + ": " + outcome(api));
                out.flush();
            }
        } catch (StatusRuntimeException e) {
            refused(file, e);
        }
    }

    private String outcome(Api api) {
        return dryRun
                ? api.getName() + " can go live"
                : api.getName() + " is live since version " + api.getLiveVersion();
    }

    private void refused(ConfigFile file, StatusRuntimeException e) {
        ErrorInfo info = AdminConnection.info(e);
        String reason = info == null ? "" : info.getReason();
        if (reason.equals("CONFIG_REJECTED")) {
            reports.add(validated(file));
            return;
        }
        CommandFailure failure = options.failure(e);
        if (failure.exitCode() == ExitCode.UNREACHABLE) {
            throw failure;
        }
        reports.add(report(file, "", List.of()));
        refusals.add(new Refusal(file.name(), reason, String.valueOf(failure.getMessage())));
    }

    /// All problems: an error's details hold as many as fit.
    private FileReport validated(ConfigFile file) {
        ValidateApiRequest request =
                ValidateApiRequest.newBuilder()
                        .setContent(ByteString.copyFrom(file.content()))
                        .setFileName(file.name())
                        .build();
        try {
            ValidateApiResponse answer =
                    options.call(channel ->
                            options.limited(ConfigServiceGrpc.newBlockingStub(channel))
                                    .validateApi(request));
            return report(file, answer.getName(), answer.getProblemsList());
        } catch (StatusRuntimeException e) {
            throw options.failure(e);
        }
    }

    private static FileReport report(ConfigFile file, String api, List<Problem> problems) {
        @Nullable String name = api.isEmpty() ? null : api;
        Place place = Place.of(file.name(), 1, 1, "");
        return new FileReport(
                file,
                new FileCheck.Checked(
                        name, place, problems.stream().map(ReceivedProblem::read).toList()));
    }

    private void print(PrintWriter out) {
        boolean anything = !FileReport.diagnostics(reports).isEmpty();
        if (anything) {
            FileReport.print(reports, out);
        }
        refusals.forEach(refusal -> out.println(refusal.file() + ": " + refusal.message()));
        out.flush();
    }

    private void addTo(ObjectNode answer) {
        ArrayNode list = answer.putArray("applied");
        for (Api api : applied) {
            list.addObject()
                    .put("api", api.getName())
                    .put("file", api.getFileName())
                    .put("etag", api.getEtag())
                    .put("live_version", api.getLiveVersion());
        }
        ArrayNode refused = answer.putArray("refused");
        for (Refusal refusal : refusals) {
            refused.addObject()
                    .put("file", refusal.file())
                    .put("reason", refusal.reason())
                    .put("message", refusal.message());
        }
    }
}
