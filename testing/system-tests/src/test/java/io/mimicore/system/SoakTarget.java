package io.mimicore.system;

import io.mimicore.testkit.process.ByteConnection;
import io.mimicore.testkit.process.ByteServer;
import java.io.IOException;

/// The upstream of a soak: answers, echoes, sends much, switches to a tunnel, or misbehaves, as the
/// path says.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
final class SoakTarget {
    /// What `/down` sends.
    static final int DOWN_BYTES = 1 << 20;

    private SoakTarget() {}

    /// Starts it on a port of loopback.
    static ByteServer start(int port) {
        return ByteServer.tcp(port, SoakTarget::serve);
    }

    private static void serve(ByteConnection connection) throws IOException {
        while (true) {
            String head = connection.readHead();
            String path = head.split(" ", 3)[1];
            switch (path) {
                case "/json" -> connection.send(json("{\"v\":7}"));
                case "/echo" -> {
                    String body = connection.read(length(head));
                    connection.send(json(body));
                }
                case "/down" -> {
                    connection.send(
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + Integer.toHexString(DOWN_BYTES)
                                    + "\r\n");
                    connection.send(new byte[DOWN_BYTES]).send("\r\n0\r\nX-End: 1\r\n\r\n");
                }
                case "/tunnel" -> {
                    connection.send(
                            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                    + "Upgrade: websocket\r\n\r\n");
                    while (true) {
                        connection.send(connection.read(1));
                    }
                }
                case "/cut" -> {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut");
                    return;
                }
                case "/never" -> {
                    connection.rest();
                    return;
                }
                default -> {
                    connection.reset();
                    return;
                }
            }
        }
    }

    private static int length(String head) {
        int from = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        return Integer.parseInt(head.substring(from, head.indexOf('\r', from)));
    }

    private static String json(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body;
    }
}
