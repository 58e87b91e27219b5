package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A name server on loopback with records that a test sets (RFC 1035 §4). Thread-safe.
final class NameServer implements AutoCloseable {
    private static final int HEAD_BYTES = 12;
    private static final int ADDRESS = 1;
    private static final int ALIAS = 5;
    private static final int INTERNET = 1;

    /// The name of the question, which stands right behind the head.
    private static final int POINTER_TO_NAME = 0xc00c;

    private static final int ANSWER = 0x8180;
    private static final int NO_SUCH_NAME = 0x8183;

    private final DatagramSocket socket;
    private final Map<String, List<Record>> records = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /// @param ttlSeconds how long it counts
    /// @param bytes an address or a name in the form of the wire
    private record Record(int type, int ttlSeconds, byte[] bytes) {}

    NameServer() {
        try {
            socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().name("name-server").start(this::serve);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    /// The names that were asked for the address of.
    List<String> asked() {
        return List.copyOf(asked);
    }

    void put(String name, int ttlSeconds, int... address) {
        byte[] bytes = new byte[address.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) address[i];
        }
        records.put(name, List.of(new Record(ADDRESS, ttlSeconds, bytes)));
    }

    void putAlias(String name, int ttlSeconds, String target) {
        ByteBuffer wire = ByteBuffer.allocate(target.length() + 2);
        for (String label : target.split("\\.", -1)) {
            wire.put((byte) label.length()).put(label.getBytes(US_ASCII));
        }
        wire.put((byte) 0);
        records.put(name, List.of(new Record(ALIAS, ttlSeconds, wire.array())));
    }

    @Override
    public void close() {
        socket.close();
    }

    private void serve() {
        byte[] bytes = new byte[1024];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
            try {
                socket.receive(packet);
                byte[] answer = answer(ByteBuffer.wrap(bytes, 0, packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException _) {
                return;
            }
        }
    }

    private byte[] answer(ByteBuffer query) {
        short id = query.getShort();
        query.position(HEAD_BYTES);
        StringBuilder name = new StringBuilder();
        for (int length = query.get(); length > 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
        }
        int type = query.getShort();
        query.getShort();
        List<Record> all = records.getOrDefault(name.toString(), List.of());
        if (type == ADDRESS) {
            asked.add(name.toString());
        }
        List<Record> fitting =
                all.stream().filter(each -> each.type == type || each.type == ALIAS).toList();
        ByteBuffer out = ByteBuffer.allocate(512);
        out.putShort(id).putShort((short) (all.isEmpty() ? NO_SUCH_NAME : ANSWER));
        out.putShort((short) 1).putShort((short) fitting.size()).putInt(0);
        out.put(query.duplicate().flip().position(HEAD_BYTES));
        for (Record each : fitting) {
            out.putShort((short) POINTER_TO_NAME).putShort((short) each.type);
            out.putShort((short) INTERNET).putInt(each.ttlSeconds);
            out.putShort((short) each.bytes.length).put(each.bytes);
        }
        byte[] answer = new byte[out.flip().remaining()];
        out.get(answer);
        return answer;
    }
}
