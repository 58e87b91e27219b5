package io.mimicore.testkit.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/// A TCP link to a server on loopback that can stop to carry bytes and go on later: what was sent
/// meanwhile arrives then, as after a pause of the machine or of the network. It counts what the
/// server sends. Thread-safe.
public final class StallableLink implements AutoCloseable {
    private static final int BACKLOG = 4_096;
    private static final int BUFFER_BYTES = 16 * 1024;

    private final ServerSocket listener;
    private final int target;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LongAdder sentByServer = new LongAdder();
    private boolean stalled;
    private int held;
    private volatile boolean closed;

    private StallableLink(ServerSocket listener, int target) {
        this.listener = listener;
        this.target = target;
    }

    /// A link to this port of loopback.
    public static StallableLink to(int port) {
        try {
            var link =
                    new StallableLink(
                            new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()), port);
            Thread.ofVirtual().name("link").start(link::accept);
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where to connect instead: `host:port`.
    public String endpoint() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /// Carries nothing from now on, in either direction.
    public void stall() {
        set(true);
    }

    /// Carries everything that waited, and what follows.
    public void goOn() {
        set(false);
    }

    /// Bytes that the server has sent so far, over all connections: all that TCP carries.
    public long sentByServer() {
        return sentByServer.sum();
    }

    /// Whether bytes wait here that were sent while nothing was carried.
    public boolean isHolding() {
        lock.lock();
        try {
            return stalled && held > 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        goOn();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void set(boolean stall) {
        lock.lock();
        try {
            stalled = stall;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket near = listener.accept();
                // Connected one after the other, a crowd would wait for the slowest.
                Thread.ofVirtual().name("link-out").start(() -> join(near));
            } catch (IOException _) {
                // This is closed.
            }
        }
    }

    private void join(Socket near) {
        try (near;
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target)) {
            sockets.add(near);
            sockets.add(far);
            Thread.ofVirtual().name("link-in").start(() -> carry(far, near, sentByServer::add));
            carry(near, far, _ -> {});
        } catch (IOException _) {
            // The target refuses: the client sees an end.
        }
    }

    private void carry(Socket from, Socket to, LongConsumer counter) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitFlow();
                counter.accept(read);
                out.write(buffer, 0, read);
            }
        } catch (IOException _) {
            // One side has ended; the other does with it.
        }
    }

    private void awaitFlow() {
        lock.lock();
        try {
            held++;
            while (stalled && !closed) {
                changed.awaitUninterruptibly();
            }
            held--;
        } finally {
            lock.unlock();
        }
    }
}
