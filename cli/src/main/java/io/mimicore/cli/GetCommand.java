package io.mimicore.cli;

import io.grpc.StatusRuntimeException;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.ListApisRequest;
import io.mimicore.proto.admin.v1.ListApisResponse;
import io.mimicore.proto.admin.v1.Problem;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `mimicore get apis`: what the control plane has, and what is wrong with it.
@Command(
        name = "get",
        description =
                "Shows what the control plane has: every API, where it came from, whether it is live.",
        mixinStandardHelpOptions = true)
final class GetCommand implements Callable<Integer> {
    /// What can be shown.
    enum Kind {
        /// APIs with their problems.
        apis
    }

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "KIND", description = "What to show: ${COMPLETION-CANDIDATES}.")
    private Kind kind;

    @Mixin private AdminConnection admin;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "human",
            description = "How to print: ${COMPLETION-CANDIDATES} (default: human).")
    private OutputFormat output;

    @Override
    public Integer call() {
        return switch (kind) {
            case apis -> apis();
        };
    }

    private int apis() {
        try (AdminConnection.Open connection = admin.open()) {
            PrintWriter out = spec.commandLine().getOut();
            List<Api> apis = new ArrayList<>();
            List<Problem> problems = new ArrayList<>();
            list(ConfigServiceGrpc.newBlockingStub(connection.channel()), apis, problems);
            if (output == OutputFormat.json) {
                out.println(ApisJson.print(apis, problems));
            } else {
                printHuman(out, apis, problems);
            }
            out.flush();
            return ExitCode.DONE;
        } catch (StatusRuntimeException e) {
            throw admin.failure(e);
        }
    }

    private static void list(
            ConfigServiceGrpc.ConfigServiceBlockingStub stub,
            List<Api> apis,
            List<Problem> problems) {
        String page = "";
        do {
            ListApisResponse response =
                    stub.withDeadlineAfter(AdminConnection.DEADLINE_SECONDS, TimeUnit.SECONDS)
                            .listApis(
                                    ListApisRequest.newBuilder()
                                            .setPageSize(1000)
                                            .setPageToken(page)
                                            .build());
            apis.addAll(response.getApisList());
            if (page.isEmpty()) {
                problems.addAll(response.getProblemsList());
            }
            page = response.getNextPageToken();
        } while (!page.isEmpty());
    }

    private static void printHuman(PrintWriter out, List<Api> apis, List<Problem> problems) {
        out.printf(Locale.ROOT, "%-32s %-8s %-10s %s%n", "API", "LIVE", "PROBLEMS", "SOURCE");
        for (Api api : apis) {
            String live = api.getLiveVersion() == 0 ? "-" : Long.toString(api.getLiveVersion());
            out.printf(
                    Locale.ROOT,
                    "%-32s %-8s %-10s %s%n",
                    api.getName().replaceFirst("^apis/", ""),
                    live,
                    api.getProblemsCount() == 0 ? "-" : Integer.toString(api.getProblemsCount()),
                    api.getFileName());
        }
        apis.forEach(api -> api.getProblemsList().forEach(problem -> print(out, problem)));
        problems.forEach(problem -> print(out, problem));
    }

    private static void print(PrintWriter out, Problem problem) {
        out.printf(
                Locale.ROOT,
                "%s:%d:%d: %s %s: %s%n",
                problem.getFile(),
                Math.max(1, problem.getLine()),
                Math.max(1, problem.getColumn()),
                problem.getWarning() ? "warning" : "error",
                problem.getCode(),
                problem.getMessage());
        if (!problem.getHint().isEmpty()) {
            out.printf(Locale.ROOT, "  hint: %s%n", problem.getHint());
        }
    }
}
