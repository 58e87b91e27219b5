package io.mimicore.cli;

import io.grpc.ChannelCredentials;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Servers of one kind, as a flag lists them: `host:port,…`, each with or without the scheme
/// `http://` or `https://`, which says whether they are spoken to with TLS.
///
/// @param flag that lists them, for messages
/// @param text as it was given
/// @param addresses `host:port` of each
/// @param scheme that all of them have
record Endpoints(String flag, String text, List<String> addresses, Scheme scheme) {
    private static final Pattern ADDRESS =
            Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:/\\s]+):[0-9]{1,5}");

    /// What was said about TLS.
    enum Scheme {
        UNSAID(""),
        PLAIN("http://"),
        TLS("https://");

        private final String prefix;

        Scheme(String prefix) {
            this.prefix = prefix;
        }

        private static Scheme of(String endpoint) {
            if (endpoint.startsWith(TLS.prefix)) {
                return TLS;
            }
            return endpoint.startsWith(PLAIN.prefix) ? PLAIN : UNSAID;
        }
    }

    Endpoints {
        addresses = List.copyOf(addresses);
    }

    /// Reads the value of a flag.
    ///
    /// @throws CommandFailure if it is not such a list
    static Endpoints parse(String flag, String text) {
        List<String> addresses = new ArrayList<>();
        Scheme all = Scheme.of(text.strip());
        for (String listed : text.split(",", -1)) {
            String endpoint = listed.strip();
            Scheme scheme = Scheme.of(endpoint);
            if ((scheme == Scheme.TLS) != (all == Scheme.TLS)) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        flag + " " + text + ": with and without TLS (expected: one of both)");
            }
            all = scheme == Scheme.UNSAID ? all : scheme;
            String address = endpoint.substring(scheme.prefix.length());
            if (!ADDRESS.matcher(address).matches()) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        flag + " " + text + ": " + endpoint + " (expected: host:port)");
            }
            addresses.add(address);
        }
        return new Endpoints(flag, text, addresses, all);
    }

    /// Reads the value of a flag that names one server, without a scheme.
    ///
    /// @throws CommandFailure if it does not
    static String parseOne(String flag, String text) {
        if (!ADDRESS.matcher(text.strip()).matches()) {
            throw new CommandFailure(ExitCode.USAGE, flag + " " + text + ": (expected: host:port)");
        }
        return text.strip();
    }

    /// What to speak to them with: TLS where the scheme says so, or says nothing and a `--tls-`
    /// flag is given.
    ChannelCredentials credentials(TlsOptions tls) {
        return switch (scheme) {
            case PLAIN -> TlsOptions.plaintext();
            case TLS -> tls.credentials();
            case UNSAID -> tls.isGiven() ? tls.credentials() : TlsOptions.plaintext();
        };
    }

    /// Refuses `--tls-` flags beside servers that are spoken to without TLS.
    ///
    /// @throws CommandFailure if the flags contradict each other
    void requireTlsUsed(TlsOptions tls) {
        if (tls.isGiven() && scheme == Scheme.PLAIN) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    flag
                            + " "
                            + text
                            + ": without TLS, but a --tls- flag is given (expected: https://)");
        }
    }
}
