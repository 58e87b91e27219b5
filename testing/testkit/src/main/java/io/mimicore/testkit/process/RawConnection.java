package io.mimicore.testkit.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A connection that is kept alive between requests. Used by one thread at a time.
public final class RawConnection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int ANSWER_MILLIS = 60_000;
    private static final int LINE_BYTES_MAX = 64 << 10;

    private final Socket socket;
    private final InputStream in;

    private RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /// Connects.
    ///
    /// @throws UncheckedIOException if nobody listens
    public static RawConnection open(InetSocketAddress address) {
        try {
            var socket = new Socket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.connect(address, CONNECT_MILLIS);
            return new RawConnection(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends a request and reads its response whole.
    ///
    /// @throws UncheckedIOException if the connection ends before the response does
    public RawResponse send(RawRequest request) {
        try {
            socket.getOutputStream().write(request.toBytes());
            return read(request.method().equals("HEAD"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends a request and reads nothing.
    ///
    /// @throws UncheckedIOException if the connection has ended
    public void write(RawRequest request) {
        try {
            socket.getOutputStream().write(request.toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RawResponse read(boolean headOnly) throws IOException {
        String[] status = line().split(" ", 3);
        if (status.length < 2 || !status[0].equals("HTTP/1.1")) {
            throw new IOException(
                    "status line: " + String.join(" ", status) + " (expected: HTTP/1.1 …)");
        }
        List<String> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            headers.add(line);
        }
        var head = new RawResponse(Integer.parseInt(status[1]), headers, "");
        boolean bodiless = headOnly || head.status() == 204 || head.status() == 304;
        byte[] body = bodiless ? new byte[0] : body(head);
        return new RawResponse(head.status(), headers, new String(body, UTF_8));
    }

    private byte[] body(RawResponse head) throws IOException {
        if (head.header("Transfer-Encoding").toLowerCase(Locale.ROOT).equals("chunked")) {
            var body = new ByteArrayOutputStream();
            int size = Integer.parseInt(line(), 16);
            while (size > 0) {
                body.writeBytes(exactly(size));
                line();
                size = Integer.parseInt(line(), 16);
            }
            line();
            return body.toByteArray();
        }
        return head.has("Content-Length")
                ? exactly(Integer.parseInt(head.header("Content-Length")))
                : in.readAllBytes();
    }

    private byte[] exactly(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException(
                    "body: " + bytes.length + " bytes (expected: " + count + " bytes)");
        }
        return bytes;
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        int next = in.read();
        while (next != '\n') {
            if (next < 0 || line.size() > LINE_BYTES_MAX) {
                throw new EOFException("the connection ended (expected: a line)");
            }
            line.write(next);
            next = in.read();
        }
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
