package io.mimicore.cli;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a process proves itself with to others, and whom it believes.
final class TlsOptions {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            defaultValue = "${env:MIMICORE_TLS_CERT}",
            description = {
                "PEM certificate, with its chain, that this process shows to others; with"
                        + " --tls-key",
                "(environment: MIMICORE_TLS_CERT; default: none)."
            })
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            defaultValue = "${env:MIMICORE_TLS_KEY}",
            description =
                    "PEM private key, PKCS #8, of --tls-cert (environment: MIMICORE_TLS_KEY;"
                            + " default: none).")
    private @Nullable Path key;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            defaultValue = "${env:MIMICORE_TLS_CA}",
            description = {
                "PEM certificates of the authorities that others' certificates must come from",
                "(environment: MIMICORE_TLS_CA; default: those of the JVM)."
            })
    private @Nullable Path authorities;

    /// Whether any of it is given.
    boolean isGiven() {
        return isGiven(certificate) || isGiven(key) || isGiven(authorities);
    }

    /// Whether this process has something to prove itself with.
    boolean hasCertificate() {
        return isGiven(certificate);
    }

    /// For connections without TLS.
    static ChannelCredentials plaintext() {
        return InsecureChannelCredentials.create();
    }

    /// For connections with TLS.
    ///
    /// @throws CommandFailure if a file cannot be used, or one of a pair is missing
    ChannelCredentials credentials() {
        requirePair();
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        try {
            if (authorities != null && isGiven(authorities)) {
                builder.trustManager(authorities.toFile());
            }
            if (certificate != null && key != null && isGiven(certificate)) {
                builder.keyManager(certificate.toFile(), key.toFile());
            }
            return builder.build();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /// For servers: with TLS if a certificate is given, and then only for clients whose certificate
    /// comes from `--tls-ca`, if that is given too.
    ///
    /// @throws CommandFailure if a file cannot be used, or one of a pair is missing
    ServerCredentials serverCredentials() {
        requirePair();
        if (certificate == null || key == null || !isGiven(certificate)) {
            return InsecureServerCredentials.create();
        }
        TlsServerCredentials.Builder builder = TlsServerCredentials.newBuilder();
        try {
            builder.keyManager(certificate.toFile(), key.toFile());
            if (authorities != null && isGiven(authorities)) {
                builder.trustManager(authorities.toFile());
                builder.clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
            }
            return builder.build();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private void requirePair() {
        if (isGiven(certificate) != isGiven(key)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--tls-cert, --tls-key: one without the other (expected: both or none)");
        }
    }

    private static CommandFailure unreadable(IOException e) {
        return new CommandFailure(
                ExitCode.REFUSED,
                "--tls-cert, --tls-key, --tls-ca: cannot read " + e.getMessage(),
                e);
    }

    private static boolean isGiven(@Nullable Path file) {
        return file != null && !file.toString().isEmpty();
    }
}
