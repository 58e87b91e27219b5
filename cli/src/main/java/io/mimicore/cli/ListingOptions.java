package io.mimicore.cli;

import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// How a command that shows something reaches the admin API, and how it prints.
final class ListingOptions {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Mixin private AdminConnection admin;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "human",
            description = "How to print: ${COMPLETION-CANDIDATES} (default: human).")
    private OutputFormat output;

    /// Asks for a listing and prints it.
    ///
    /// @return the exit code
    int show(Listing listing, PrintWriter out) {
        try {
            admin.call(channel -> {
                listing.fetch(channel);
                return listing;
            });
        } catch (StatusRuntimeException e) {
            throw admin.failure(e);
        }
        if (output == OutputFormat.json) {
            ObjectNode root = MAPPER.createObjectNode();
            listing.addTo(root);
            out.println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root));
        } else {
            listing.print(out);
        }
        out.flush();
        return ExitCode.DONE;
    }
}
