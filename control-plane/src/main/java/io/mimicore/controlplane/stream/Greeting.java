package io.mimicore.controlplane.stream;

import com.google.rpc.Code;
import io.grpc.StatusRuntimeException;
import io.mimicore.ir.Digest;
import io.mimicore.ir.codec.IrCodec;
import io.mimicore.proto.snapshot.v1.Hello;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Judges what a node says first.
final class Greeting {
    /// When a node comes back that only a person can help: seldom, as it is told the same again.
    static final Duration MISPLACED_RETRY = Duration.ofSeconds(30);

    private static final Pattern NODE_NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");
    private static final int LABELS_MAX = 64;
    private static final int SHOWN_LENGTH_MAX = 63;

    private Greeting() {}

    /// Why this node is not taken.
    ///
    /// @param cluster the control plane's
    /// @return absent: it is taken
    static @Nullable StatusRuntimeException refusal(Hello said, String cluster) {
        String mistake = mistake(said);
        if (!mistake.isEmpty()) {
            return Refusals.permanent(Code.INVALID_ARGUMENT, mistake);
        }
        String misplaced = misplaced(said, cluster);
        return misplaced.isEmpty()
                ? null
                : Refusals.retryable(
                        Code.FAILED_PRECONDITION, misplaced, MISPLACED_RETRY.toNanos());
    }

    private static String mistake(Hello said) {
        if (!NODE_NAME.matcher(said.getNode()).matches()) {
            return "node: (expected: 1 to 253 letters, digits, '.', '_' or '-')";
        }
        if (!said.getRoot().isEmpty() && said.getRoot().size() != Digest.BYTES) {
            return "root: " + said.getRoot().size() + " bytes (expected: 0 or 32)";
        }
        if (said.getLabelsCount() > LABELS_MAX) {
            return "labels: " + said.getLabelsCount() + " (expected: at most " + LABELS_MAX + ")";
        }
        return "";
    }

    /// What is right elsewhere, or at another time.
    private static String misplaced(Hello said, String cluster) {
        if (!said.getCluster().isEmpty() && !said.getCluster().equals(cluster)) {
            return "cluster: the node is of \""
                    + shown(said.getCluster())
                    + "\", this control plane of \""
                    + cluster
                    + "\" (expected: the same --cluster)";
        }
        if (!said.getFormatsList().contains(IrCodec.FORMAT)) {
            return "formats: the node executes IR formats "
                    + said.getFormatsList().stream().limit(LABELS_MAX).toList()
                    + ", this control plane writes "
                    + IrCodec.FORMAT
                    + " (expected: that among them; bring whichever is older up to date)";
        }
        return "";
    }

    private static String shown(String text) {
        return text.length() <= SHOWN_LENGTH_MAX
                ? text
                : text.substring(0, SHOWN_LENGTH_MAX) + "...";
    }
}
