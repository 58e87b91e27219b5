package io.mimicore.testkit.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// One end of a stream connection, TCP or Unix domain, byte by byte under the test's control. Used
/// by one thread at a time for each direction.
public final class ByteConnection implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024).flip();

    ByteConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /// Connects.
    public static ByteConnection open(SocketAddress address) throws IOException {
        return new ByteConnection(SocketChannel.open(address));
    }

    /// Sends one byte for each character.
    public ByteConnection send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    /// Sends all bytes; waits as long as the other end does not read.
    public ByteConnection send(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) {
            channel.write(out);
        }
        return this;
    }

    /// Everything up to and with this text.
    ///
    /// @throws EOFException if the other end ends before
    public String readTo(String end) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] mark = end.getBytes(ISO_8859_1);
        int matched = 0;
        while (matched < mark.length) {
            int b = read();
            if (b < 0) {
                throw new EOFException("got: " + read.toString(ISO_8859_1));
            }
            read.write(b);
            matched = b == mark[matched] ? matched + 1 : b == mark[0] ? 1 : 0;
        }
        return read.toString(ISO_8859_1);
    }

    /// A head, its empty line included.
    public String readHead() throws IOException {
        return readTo("\r\n\r\n");
    }

    /// This many bytes.
    public String read(int count) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.length() < count) {
            int b = read();
            if (b < 0) {
                throw new EOFException("got: " + read);
            }
            read.append((char) b);
        }
        return read.toString();
    }

    /// Some bytes, at least one; -1 at the end of the other side.
    public int read(byte[] into) throws IOException {
        if (!fill()) {
            return -1;
        }
        int count = Math.min(into.length, in.remaining());
        in.get(into, 0, count);
        return count;
    }

    /// Throws this many bytes away; returns how many came before the end.
    public long skip(long count) throws IOException {
        long skipped = 0;
        while (skipped < count && fill()) {
            int part = (int) Math.min(count - skipped, in.remaining());
            in.position(in.position() + part);
            skipped += part;
        }
        return skipped;
    }

    /// Everything until the other end ends its side.
    public String rest() throws IOException {
        StringBuilder read = new StringBuilder();
        for (int b = read(); b >= 0; b = read()) {
            read.append((char) b);
        }
        return read.toString();
    }

    /// Ends this side; the other may still send.
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    /// Closes with RST; TCP only.
    public void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private int read() throws IOException {
        return fill() ? in.get() & 0xff : -1;
    }

    private boolean fill() throws IOException {
        if (in.hasRemaining()) {
            return true;
        }
        in.clear();
        int count = channel.read(in);
        in.flip();
        return count > 0;
    }
}
