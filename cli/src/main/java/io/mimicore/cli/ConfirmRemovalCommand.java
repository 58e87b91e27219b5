package io.mimicore.cli;

import io.grpc.StatusRuntimeException;
import io.mimicore.proto.admin.v1.ConfigServiceGrpc;
import io.mimicore.proto.admin.v1.ConfirmRemovalRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `mimicore confirm-removal`: the answer to a SOURCE_ALARM that was no accident.
@Command(
        name = "confirm-removal",
        description = {
            "Lets APIs go whose files were removed all at once.",
            "",
            "When a directory vanishes or loses most of its files, its APIs stay live and an alarm is",
            "raised. This says that the files were removed on purpose."
        },
        mixinStandardHelpOptions = true)
final class ConfirmRemovalCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "The directory, as it was given to --configs.")
    private Path directory;

    @Mixin private AdminConnection admin;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        String source = "dir:" + directory.toAbsolutePath().normalize();
        ConfirmRemovalRequest request =
                ConfirmRemovalRequest.newBuilder().setSource(source).build();
        try {
            int removed =
                    admin.call(channel ->
                            AdminConnection.limited(ConfigServiceGrpc.newBlockingStub(channel))
                                    .confirmRemoval(request)
                                    .getRemoved());
            out.println(
                    removed == 0
                            ? "nothing to remove: no alarm stands for " + directory
                            : removed + (removed == 1 ? " API is removed" : " APIs are removed"));
            out.flush();
            return ExitCode.DONE;
        } catch (StatusRuntimeException e) {
            throw admin.failure(e);
        }
    }
}
