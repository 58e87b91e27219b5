package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A server that speaks HTTP/2 over TLS frame by frame, as a test says (RFC 9113 §4.1, §6).
/// Thread-safe.
final class Http2Peer implements AutoCloseable {
    static final int REFUSED_STREAM = 7;
    static final int INTERNAL_ERROR = 2;

    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final int PREFACE_BYTES = 24;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    /// `:status: 200` (RFC 7541 appendix A).
    private static final byte[] STATUS_200 = {(byte) 0x88};

    private final SSLServerSocket listener;
    private final TrustManagerFactory trust;
    private final Script script;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<SSLSocket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();

    /// What the server does with each request.
    interface Script {
        /// @param request 1, 2, … over all connections
        void answer(Connection connection, int stream, int request) throws IOException;
    }

    private Http2Peer(SSLServerSocket listener, TrustManagerFactory trust, Script script) {
        this.listener = listener;
        this.trust = trust;
        this.script = script;
    }

    /// Starts a server with a certificate for localhost.
    ///
    /// @param directory for its key
    static Http2Peer start(Path directory, Script script)
            throws IOException, GeneralSecurityException {
        KeyStore keys = keys(directory.resolve("key.p12"));
        var keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), null, null);
        var socket =
                (SSLServerSocket)
                        context.getServerSocketFactory()
                                .createServerSocket(0, 100, InetAddress.getLoopbackAddress());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        Http2Peer peer = new Http2Peer(socket, trust, script);
        peer.threads.execute(peer::accept);
        return peer;
    }

    private static KeyStore keys(Path file) throws IOException, GeneralSecurityException {
        String program = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process keytool =
                new ProcessBuilder(
                                program,
                                "-genkeypair",
                                "-alias",
                                "peer",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        if (!Files.exists(file)) {
            throw new IOException("keytool: " + said);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    /// Who trusts it.
    TrustManagerFactory trust() {
        return trust;
    }

    int port() {
        return listener.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (SSLSocket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) listener.accept();
                open.add(socket);
                threads.execute(() -> serve(socket));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.skipNBytes(PREFACE_BYTES);
            connections.incrementAndGet();
            Connection connection = new Connection(socket);
            connection.frame(SETTINGS, 0, 0, new byte[0]);
            while (true) {
                int lengthAndType = in.readInt();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                in.skipNBytes(lengthAndType >>> 8);
                int type = lengthAndType & 0xff;
                if (type == SETTINGS && (flags & ACK) == 0) {
                    connection.frame(SETTINGS, ACK, 0, new byte[0]);
                } else if (type == HEADERS) {
                    script.answer(connection, stream, requests.incrementAndGet());
                }
            }
        } catch (IOException _) {
            // The client or the script has closed: nothing is left to serve.
        } finally {
            open.remove(socket);
        }
    }

    /// One connection, for the script.
    static final class Connection {
        private final OutputStream out;
        private final SSLSocket socket;

        private Connection(SSLSocket socket) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
        }

        /// The head of an answer with 200.
        void head(int stream) throws IOException {
            frame(HEADERS, END_HEADERS, stream, STATUS_200);
        }

        /// The body of an answer, and its end.
        void body(int stream, String text) throws IOException {
            frame(DATA, END_STREAM, stream, text.getBytes(UTF_8));
        }

        void ok(int stream, String text) throws IOException {
            head(stream);
            body(stream, text);
        }

        void reset(int stream, int code) throws IOException {
            frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(code).array());
        }

        /// @param last the last stream that was or will be looked at
        void goAway(int last) throws IOException {
            frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(last).putInt(0).array());
        }

        void close() throws IOException {
            socket.close();
        }

        private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
            ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
            frame.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload);
            out.write(frame.array());
            out.flush();
        }
    }
}
