package io.mimicore.dataplane.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sends bytes as they are and reads answers one after the other.
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)");

    private final Socket socket = new Socket();
    private final InputStream in;

    RawClient(InetSocketAddress address) throws IOException {
        socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()),
                TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /// One answer, head and body; empty at the end of the connection.
    String answer() throws IOException {
        return answer(true);
    }

    /// One answer whose body is not sent, as to HEAD.
    String headOnly() throws IOException {
        return answer(false);
    }

    /// Everything until the server closes.
    String rest() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    boolean isClosedByServer() throws IOException {
        return in.read() == -1;
    }

    private String answer(boolean withBody) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!endsHead(head.toByteArray())) {
            int next = in.read();
            if (next < 0) {
                return head.toString(ISO_8859_1);
            }
            head.write(next);
        }
        String text = head.toString(ISO_8859_1);
        Matcher length = LENGTH.matcher(text);
        int bytes = withBody && length.find() ? Integer.parseInt(length.group(1)) : 0;
        return text + new String(in.readNBytes(bytes), ISO_8859_1);
    }

    private static boolean endsHead(byte[] bytes) {
        int n = bytes.length;
        return n >= 4 && Arrays.equals(bytes, n - 4, n, new byte[] {'\r', '\n', '\r', '\n'}, 0, 4);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
