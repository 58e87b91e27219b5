package io.mimicore.cli;

import io.grpc.Channel;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.ListApisRequest;
import io.mimicore.proto.admin.v1.ListApisResponse;
import io.mimicore.proto.admin.v1.Problem;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Every API, where it came from, whether it is live and what is wrong with it.
final class ApiListing implements Listing {
    private final List<Api> apis = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    @Override
    public void fetch(Channel channel) {
        var stub = ConfigServiceGrpc.newBlockingStub(channel);
        List<ListApisResponse> pages =
                Listing.pages(
                        token ->
                                AdminConnection.limited(stub)
                                        .listApis(
                                                ListApisRequest.newBuilder()
                                                        .setPageSize(PAGE_SIZE)
                                                        .setPageToken(token)
                                                        .build()),
                        ListApisResponse::getNextPageToken);
        pages.forEach(page -> apis.addAll(page.getApisList()));
        problems.addAll(pages.getFirst().getProblemsList());
    }

    @Override
    public void print(PrintWriter out) {
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

    @Override
    public void addTo(ObjectNode root) {
        ArrayNode list = root.putArray("apis");
        for (Api api : apis) {
            ObjectNode node = list.addObject();
            node.put("name", api.getName());
            node.put("source", api.getSource());
            node.put("file_name", api.getFileName());
            node.put("etag", api.getEtag());
            node.put("live_version", api.getLiveVersion());
            ArrayNode own = node.putArray("problems");
            api.getProblemsList().forEach(problem -> add(own, problem));
        }
        ArrayNode others = root.putArray("problems");
        problems.forEach(problem -> add(others, problem));
    }

    /// Adds one problem to a list for programs.
    static void add(ArrayNode list, Problem problem) {
        list.addObject()
                .put("file", problem.getFile())
                .put("line", problem.getLine())
                .put("column", problem.getColumn())
                .put("pointer", problem.getPointer())
                .put("severity", problem.getWarning() ? "warning" : "error")
                .put("code", problem.getCode())
                .put("message", problem.getMessage())
                .put("hint", problem.getHint());
    }
}
