package io.mimicore.dataplane.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// Puts received bytes behind those that wait.
final class Cumulation {
    private Cumulation() {}

    /// Takes ownership of both; returns one buffer that the caller owns.
    static ByteBuf append(ByteBufAllocator allocator, ByteBuf waiting, ByteBuf bytes) {
        try {
            int more = bytes.readableBytes();
            if (waiting.refCnt() == 1 && !waiting.isReadOnly()) {
                if (waiting.maxWritableBytes() < more
                        || waiting.readerIndex() > waiting.capacity() / 2) {
                    waiting.discardReadBytes();
                }
                if (waiting.maxWritableBytes() >= more) {
                    return waiting.writeBytes(bytes);
                }
            }
            ByteBuf larger = allocator.buffer(waiting.readableBytes() + more);
            larger.writeBytes(waiting).writeBytes(bytes);
            waiting.release();
            return larger;
        } finally {
            bytes.release();
        }
    }
}
