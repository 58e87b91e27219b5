package io.mimicore.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Go's own HTTP server, in a process of its own: over TLS with HTTP/2 on one port, with HTTP/1.1
/// alone on another, and in the clear on a Unix socket.
final class GoServer implements AutoCloseable {
    /// A trust store has to have one; what it holds is no secret.
    private static final String PASSWORD = "changeit";

    private static final String TRUST_STORE = "trust.p12";
    private static final String SOCKET = "socket";
    private static final String CERTIFICATE = "certificate.pem";

    private final Process process;
    private final Path trustStore;
    private final Path certificate;
    private final Path socket;
    private final int http2Port;
    private final int http1Port;

    private GoServer(Process process, Path directory, List<Integer> ports) {
        this.process = process;
        this.trustStore = directory.resolve(TRUST_STORE);
        this.certificate = directory.resolve(CERTIFICATE);
        this.socket = directory.resolve(SOCKET);
        this.http2Port = ports.get(0);
        this.http1Port = ports.get(1);
    }

    /// Builds and starts it.
    ///
    /// @param directory for its files
    static GoServer start(Path directory) throws IOException, GeneralSecurityException {
        Files.createDirectories(directory);
        Path source = directory.resolve("main.go");
        try (InputStream in = GoServer.class.getResourceAsStream("/upstream/server.go.txt")) {
            if (in == null) {
                throw new IllegalStateException("server.go.txt: (expected: a resource)");
            }
            Files.write(source, in.readAllBytes());
        }
        Path program = directory.resolve("server");
        build(source, program);
        Path certificate = directory.resolve(CERTIFICATE);
        Process process =
                new ProcessBuilder(
                                program.toString(),
                                certificate.toString(),
                                directory.resolve(SOCKET).toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        BufferedReader out = process.inputReader(UTF_8);
        String ports = String.valueOf(out.readLine());
        trust(certificate, directory.resolve(TRUST_STORE));
        int blank = ports.indexOf(' ');
        return new GoServer(
                process,
                directory,
                List.of(
                        Integer.parseInt(ports.substring(0, blank)),
                        Integer.parseInt(ports.substring(blank + 1))));
    }

    private static void build(Path source, Path program) throws IOException {
        Process go =
                new ProcessBuilder("go", "build", "-o", program.toString(), source.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(go.getInputStream().readAllBytes(), UTF_8);
        try {
            if (!go.waitFor(3, TimeUnit.MINUTES) || go.exitValue() != 0) {
                throw new IllegalStateException("go build: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while go built", e);
        }
    }

    private static void trust(Path certificate, Path store)
            throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(certificate);
                OutputStream out = Files.newOutputStream(store)) {
            anchors.setCertificateEntry(
                    "upstream", CertificateFactory.getInstance("X.509").generateCertificate(in));
            anchors.store(out, PASSWORD.toCharArray());
        }
    }

    /// Options by which a JVM trusts it.
    String trustOptions() {
        return "-Djavax.net.ssl.trustStore="
                + trustStore
                + " -Djavax.net.ssl.trustStorePassword="
                + PASSWORD;
    }

    /// What it proves itself with, in PEM.
    Path certificate() {
        return certificate;
    }

    /// Where it serves in the clear.
    Path socket() {
        return socket;
    }

    int http2Port() {
        return http2Port;
    }

    int http1Port() {
        return http1Port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
