package io.mimicore.testkit.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 server on a raw socket of loopback that answers as a test says, rightly or wrongly.
///
/// Keeps connections open until the script or the client closes them. Thread-safe.
public final class RawServer implements AutoCloseable {
    private final ServerSocket listener;
    private final Script script;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    private RawServer(ServerSocket listener, Script script) {
        this.listener = listener;
        this.script = script;
    }

    /// What the server does with each request.
    public interface Script {
        /// Answers one request; the connection stays open unless the script closes it.
        ///
        /// @throws IOException when the client has gone; the connection ends
        void answer(Request request, Peer peer) throws IOException;
    }

    /// A request as it came.
    ///
    /// @param head the lines before the empty one, without the last line break
    public record Request(String head, String body) {
        /// The request line.
        public String line() {
            return head.lines().findFirst().orElse("");
        }

        /// The target of the request line.
        public String target() {
            int from = line().indexOf(' ') + 1;
            return line().substring(from, line().indexOf(' ', from));
        }

        /// Every value of a header, in order.
        public List<String> headers(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return head.lines()
                    .skip(1)
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .toList();
        }
    }

    /// The connection that a request came over.
    public static final class Peer {
        private final Socket socket;

        private Peer(Socket socket) {
            this.socket = socket;
        }

        /// Sends bytes, one for each character.
        public void send(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }

        /// Sends a complete response with a JSON body.
        public void json(int status, String body) throws IOException {
            send(
                    "HTTP/1.1 "
                            + status
                            + " X\r\nContent-Type: application/json\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n"
                            + body);
        }

        /// Closes in order, with FIN.
        public void close() throws IOException {
            socket.close();
        }

        /// Closes with RST.
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /// Waits until the client closes.
        public void awaitClose() throws IOException {
            while (socket.getInputStream().read() >= 0) {
                // What still comes does not matter.
            }
        }
    }

    /// Starts a server on a free port.
    public static RawServer start(Script script) {
        return start(0, script);
    }

    /// Starts a server on this port.
    public static RawServer start(int port, Script script) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
            RawServer server = new RawServer(socket, script);
            server.threads.execute(server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Answers every request with what the function makes of it, as JSON with 200.
    public static RawServer answering(UnaryOperator<String> bodyOfTarget) {
        return start((request, peer) -> peer.json(200, bodyOfTarget.apply(request.target())));
    }

    /// Its port.
    public int port() {
        return listener.getLocalPort();
    }

    /// `127.0.0.1:PORT`.
    public String authority() {
        return "127.0.0.1:" + port();
    }

    /// Every request so far.
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /// Connections accepted so far.
    public int connections() {
        return connections.get();
    }

    /// Connections that have ended so far.
    public int closedConnections() {
        return closed.get();
    }

    /// Resets every open connection.
    public void resetAll() {
        for (Socket socket : sockets) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
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
                Socket socket = listener.accept();
                connections.incrementAndGet();
                sockets.add(socket);
                threads.execute(() -> serve(socket));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Peer peer = new Peer(socket);
            for (Request request = read(in); request != null; request = read(in)) {
                requests.add(request);
                script.answer(request, peer);
            }
        } catch (IOException _) {
            // The client or the script has closed: nothing is left to serve.
        } finally {
            sockets.remove(socket);
            closed.incrementAndGet();
        }
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = line(in);
        if (line == null) {
            return null;
        }
        int length = 0;
        while (line != null && !line.isEmpty()) {
            lines.add(line);
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
            line = line(in);
        }
        return new Request(String.join("\n", lines), new String(in.readNBytes(length), ISO_8859_1));
    }

    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                return bytes.toString(ISO_8859_1).replace("\r", "");
            }
            bytes.write(b);
        }
        return null;
    }
}
