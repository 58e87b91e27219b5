package io.mimicore.testkit.process;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/// Scripts of a [ByteServer] that many tests need.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end lines in LF, HTTP in CR LF
public final class Scripts {
    private static final int PIECE_BYTES = 1 << 16;

    private Scripts() {}

    /// Answers every request of the connection with these bytes; requests have no body.
    public static ByteServer.Script always(String answer) {
        return connection -> {
            while (true) {
                connection.readHead();
                connection.send(answer);
            }
        };
    }

    /// Answers one request with these bytes, maybe none, and closes.
    public static ByteServer.Script once(String answer) {
        return connection -> {
            connection.readHead();
            connection.send(answer);
        };
    }

    /// Answers one request with these bytes, maybe none, and waits until the client ends its side.
    public static ByteServer.Script onceAndWait(String answer) {
        return connection -> {
            connection.readHead();
            connection.send(answer);
            connection.rest();
        };
    }

    /// Answers one request with a body of this many bytes, and closes.
    ///
    /// @param sent counts what the client's side has taken
    public static ByteServer.Script large(long bytes, AtomicLong sent) {
        return connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n");
            sendZeros(connection, bytes, sent);
        };
    }

    /// Sends zeros, a multiple of 64 KiB, and counts them.
    public static void sendZeros(ByteConnection connection, long bytes, AtomicLong sent)
            throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (long left = bytes; left > 0; left -= piece.length) {
            connection.send(piece);
            sent.addAndGet(piece.length);
        }
    }
}
