package io.mimicore.cli;

import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.Problem;
import java.util.List;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `get apis -o json`.
final class ApisJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ApisJson() {}

    static String print(List<Api> apis, List<Problem> problems) {
        ObjectNode root = MAPPER.createObjectNode();
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
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }

    private static void add(ArrayNode list, Problem problem) {
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
