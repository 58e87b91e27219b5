package io.mimicore.cli;

import io.grpc.StatusRuntimeException;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.DeleteApiRequest;
import io.mimicore.proto.admin.v1.DeleteApiResponse;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// `mimicore delete API…`: removes APIs that were applied.
@Command(
        name = "delete",
        description = {
            "Removes APIs that were made live with 'mimicore apply'.",
            "",
            "An API that comes from a file of a watched directory is removed by removing the file.",
            "Where such a file waits for the name, it gets it, without a gap."
        },
        mixinStandardHelpOptions = true)
final class DeleteCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "API",
            description = "Names of the APIs, as 'mimicore get apis' shows them.")
    private List<String> apis;

    @Option(names = "--allow-missing", description = "An API that is not there is no error.")
    private boolean allowMissing;

    @Mixin private ChangeOptions options;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode answer = new ObjectMapper().createObjectNode();
        var deleted = answer.putArray("deleted");
        long version = 0;
        for (String api : apis) {
            DeleteApiResponse gone = delete(api);
            version = Math.max(version, gone.getVersion());
            deleted.addObject()
                    .put("api", "apis/" + api)
                    .put("version", gone.getVersion())
                    .put("handed_to", gone.getHandedTo());
            if (!options.isJson()) {
                out.println("apis/" + api + " " + outcome(gone));
                out.flush();
            }
        }
        int exitCode = options.await(version, answer, spec.commandLine().getErr());
        if (options.isJson()) {
            out.println(DiagnosticsJson.print(answer));
            out.flush();
        }
        return exitCode;
    }

    private static String outcome(DeleteApiResponse gone) {
        if (gone.getVersion() == 0) {
            return "was not there";
        }
        return gone.getHandedTo().isEmpty()
                ? "is gone since version " + gone.getVersion()
                : "belongs to " + gone.getHandedTo() + " from now on";
    }

    private DeleteApiResponse delete(String api) {
        DeleteApiRequest request =
                DeleteApiRequest.newBuilder()
                        .setName("apis/" + api)
                        .setAllowMissing(allowMissing)
                        .build();
        try {
            return options.call(channel ->
                    options.limited(ConfigServiceGrpc.newBlockingStub(channel)).deleteApi(request));
        } catch (StatusRuntimeException e) {
            throw options.failure(e);
        }
    }
}
