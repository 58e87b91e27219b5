package io.mimicore.benchmarks;

import io.mimicore.dataplane.http.Answer;
import io.mimicore.dataplane.http.ByteSink;
import io.mimicore.dataplane.http.Exchange;
import io.mimicore.dataplane.http.StaticAnswer;
import org.jspecify.annotations.Nullable;

/// An exchange without a connection, used again and again by one thread: it counts what is written
/// and throws it away.
class DiscardingExchange implements Exchange, Answer, ByteSink {
    private static final byte[] EMPTY = {};

    private final String host;
    private final String path;
    private int status;
    private int size;
    private @Nullable EndListener listener;

    DiscardingExchange(String host, String path) {
        this.host = host;
        this.path = path;
    }

    /// The status of the last answer; 0 afterwards.
    int takeStatus() {
        int taken = status;
        status = 0;
        size = 0;
        return taken;
    }

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String query() {
        return "";
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public @Nullable String header(String name) {
        return null;
    }

    @Override
    public String requestId() {
        return "benchmark-1";
    }

    @Override
    public long startNanos() {
        return 0;
    }

    @Override
    public void readBody(int bytesMax, BodyReader reader) {
        reader.read(EMPTY);
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void schedule(long delayMillis, Runnable task) {
        task.run();
    }

    @Override
    public Answer answer(int answerStatus) {
        status = answerStatus;
        return this;
    }

    @Override
    public void answer(StaticAnswer answer) {
        status = answer.status();
        size += answer.head().length + answer.body().length;
        end();
    }

    @Override
    public void onEnd(EndListener endListener) {
        listener = endListener;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public Answer header(String name, String value) {
        size += name.length() + value.length();
        return this;
    }

    @Override
    public ByteSink body() {
        return this;
    }

    @Override
    public void send() {
        end();
    }

    @Override
    public void abort() {
        size = 0;
    }

    @Override
    public void write(byte[] bytes) {
        size += bytes.length;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        size += length;
    }

    @Override
    public void writeByte(int value) {
        size++;
    }

    @Override
    public void writeUtf8(CharSequence text) {
        size += text.length();
    }

    @Override
    public int size() {
        return size;
    }

    private void end() {
        EndListener told = listener;
        listener = null;
        if (told != null) {
            told.ended(status);
        }
    }
}
