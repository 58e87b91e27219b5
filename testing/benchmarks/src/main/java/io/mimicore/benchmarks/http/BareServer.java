package io.mimicore.benchmarks.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// The yardstick: the least that a Netty server can do and still speak HTTP/1.1.
///
/// It finds the end of a head, compares the path with the one it knows, and copies an answer that
/// was encoded once a second for the date's sake. Run as a process of its own; it prints its port.
public final class BareServer {
    private BareServer() {}

    /// @param arguments path, body
    public static void main(String[] arguments) throws InterruptedException {
        byte[] requestLine = ("GET " + arguments[0] + " HTTP/1.1\r\n").getBytes(US_ASCII);
        var answer = new Answer(arguments[1]);
        var loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        var _ = loops.next().scheduleAtFixedRate(answer::refresh, 1, 1, TimeUnit.SECONDS);
        var bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(EpollServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.config().setTcpNoDelay(true);
                                        channel.pipeline()
                                                .addLast(new Connection(requestLine, answer));
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
        System.out.println("port " + ((java.net.InetSocketAddress) bound.localAddress()).getPort());
        bound.closeFuture().sync();
    }

    /// The whole answer with the second's date.
    private static final class Answer {
        private final String body;
        private volatile byte[] bytes = new byte[0];

        Answer(String body) {
            this.body = body;
            refresh();
        }

        void refresh() {
            String date =
                    DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                            .format(ZonedDateTime.now(ZoneOffset.UTC));
            bytes =
                    ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                    + body.length()
                                    + "\r\nDate: "
                                    + date
                                    + "\r\n\r\n"
                                    + body)
                            .getBytes(US_ASCII);
        }
    }

    private static final class Connection extends ChannelInboundHandlerAdapter {
        private static final byte[] MISSING =
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII);

        private final byte[] requestLine;
        private final Answer answer;
        private ByteBuf in = Unpooled.EMPTY_BUFFER;
        private ByteBuf out = Unpooled.EMPTY_BUFFER;

        Connection(byte[] requestLine, Answer answer) {
            this.requestLine = requestLine;
            this.answer = answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            if (in.isReadable()) {
                bytes = Unpooled.wrappedBuffer(in, bytes);
            }
            int end = endOfHead(bytes);
            while (end >= 0) {
                if (out.capacity() == 0) {
                    out = context.alloc().buffer(2048);
                }
                out.writeBytes(isKnown(bytes) ? answer.bytes : MISSING);
                bytes.readerIndex(end);
                end = endOfHead(bytes);
            }
            if (bytes.isReadable()) {
                in = bytes;
            } else {
                bytes.release();
                in = Unpooled.EMPTY_BUFFER;
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (out.isReadable()) {
                var _ = context.writeAndFlush(out, context.voidPromise());
                out = Unpooled.EMPTY_BUFFER;
            }
        }

        /// Index behind the empty line; -1: it has not come yet.
        private static int endOfHead(ByteBuf bytes) {
            int from = bytes.readerIndex();
            int at = bytes.indexOf(from, bytes.writerIndex(), (byte) '\n');
            while (at >= 0) {
                int length = at - from;
                if (length == 0 || (length == 1 && bytes.getByte(from) == '\r')) {
                    return at + 1;
                }
                from = at + 1;
                at = bytes.indexOf(from, bytes.writerIndex(), (byte) '\n');
            }
            return -1;
        }

        private boolean isKnown(ByteBuf bytes) {
            int from = bytes.readerIndex();
            if (bytes.readableBytes() < requestLine.length) {
                return false;
            }
            for (int i = 0; i < requestLine.length; i++) {
                if (bytes.getByte(from + i) != requestLine[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
