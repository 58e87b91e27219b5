package io.mimicore.dataplane.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimicore.dataplane.value.ByteArraySink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// An exchange without a network: gives a request that a test has made up and keeps the answer.
///
/// The thread that calls the handler plays the event loop: tasks run when the test calls
/// [#runTasks], delayed ones when it calls [#advance].
public final class RecordedExchange implements Exchange {
    private final String method;
    private final String path;
    private final String query;
    private final String host;
    private final List<String> headers = new ArrayList<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Delayed> delayed =
            new PriorityQueue<>(Comparator.comparingLong(Delayed::atMillis));
    private byte[] body = {};
    private long nowMillis;
    private boolean open = true;
    private boolean headersFail;
    private boolean bodyRead;
    private int ends;
    private @Nullable Recording answer;
    private @Nullable StaticAnswer staticAnswer;
    private @Nullable EndListener listener;
    private int endedWith = -1;

    private RecordedExchange(String method, String host, String target) {
        this.method = method;
        this.host = host;
        int question = target.indexOf('?');
        this.path = question < 0 ? target : target.substring(0, question);
        this.query = question < 0 ? "" : target.substring(question + 1);
    }

    public static RecordedExchange of(String method, String host, String target) {
        return new RecordedExchange(method, host, target);
    }

    public RecordedExchange with(String header, String value) {
        headers.add(header.toLowerCase(Locale.ROOT));
        headers.add(value);
        return this;
    }

    public RecordedExchange withBody(String text) {
        return withBody(text.getBytes(UTF_8));
    }

    public RecordedExchange withBody(byte[] bytes) {
        body = bytes;
        return this;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public String host() {
        return host;
    }

    /// Lets every reading of a header fail, as a broken transport would.
    public RecordedExchange failingHeaders() {
        headersFail = true;
        return this;
    }

    @Override
    public @Nullable String header(String name) {
        if (headersFail) {
            throw new IllegalStateException("headers: broken");
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < headers.size(); i += 2) {
            if (headers.get(i).equals(name)) {
                values.add(headers.get(i + 1));
            }
        }
        return values.isEmpty() ? null : String.join(name.equals("cookie") ? "; " : ", ", values);
    }

    @Override
    public String requestId() {
        return "request-1";
    }

    @Override
    public long startNanos() {
        return 0;
    }

    @Override
    public void readBody(int bytesMax, BodyReader reader) {
        requireThat(!bodyRead, "body: read twice");
        bodyRead = true;
        tasks.add(() -> {
            if (body.length > bytesMax) {
                answer(413).send();
            } else {
                reader.read(body);
            }
        });
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void schedule(long delayMillis, Runnable task) {
        delayed.add(new Delayed(nowMillis + delayMillis, task));
    }

    @Override
    public Answer answer(int status) {
        requireThat(answer == null && staticAnswer == null, "answer: a second one");
        answer = new Recording(status);
        return answer;
    }

    @Override
    public void answer(StaticAnswer fixed) {
        requireThat(answer == null && staticAnswer == null, "answer: a second one");
        staticAnswer = fixed;
        end(fixed.status());
    }

    @Override
    public void onEnd(EndListener newListener) {
        requireThat(listener == null, "listener: a second one");
        listener = newListener;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /// The body that the client sends.
    public byte[] sentBody() {
        return body;
    }

    /// Runs tasks until none is left.
    public RecordedExchange runTasks() {
        Runnable task = tasks.poll();
        while (task != null) {
            if (open) {
                task.run();
            }
            task = tasks.poll();
        }
        return this;
    }

    /// Lets time pass and runs what is due.
    public RecordedExchange advance(long millis) {
        nowMillis += millis;
        while (!delayed.isEmpty() && delayed.peek().atMillis() <= nowMillis) {
            Runnable task = delayed.remove().task();
            if (open) {
                task.run();
            }
        }
        return runTasks();
    }

    /// The client goes away.
    public void disconnect() {
        open = false;
        if (ends == 0) {
            end(0);
        }
    }

    /// Whether there is an answer that has been sent.
    public boolean isAnswered() {
        return staticAnswer != null || (answer != null && answer.sent);
    }

    /// Whether the answer took the static path.
    public boolean isStatic() {
        return staticAnswer != null;
    }

    /// What the listener was told; -1 before the end.
    public int endedWith() {
        return endedWith;
    }

    public int status() {
        return staticAnswer != null ? staticAnswer.status() : recording().status;
    }

    public byte[] bodyBytes() {
        return staticAnswer != null ? staticAnswer.body() : recording().body.toByteArray();
    }

    public String bodyText() {
        return new String(bodyBytes(), UTF_8);
    }

    /// Every value of an answer's header.
    public List<String> answered(String name) {
        List<String> fields = staticAnswer != null ? staticAnswer.headers() : recording().headers;
        List<String> values = new ArrayList<>();
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                values.add(fields.get(i + 1));
            }
        }
        return values;
    }

    private Recording recording() {
        requireThat(answer != null && answer.sent, "answer: none");
        return java.util.Objects.requireNonNull(answer);
    }

    private void end(int status) {
        ends++;
        requireThat(ends == 1, "exchange: ended twice");
        if (listener != null) {
            endedWith = status;
            listener.ended(status);
        }
    }

    private static void requireThat(boolean condition, String failure) {
        if (!condition) {
            throw new AssertionError(failure);
        }
    }

    private record Delayed(long atMillis, Runnable task) {}

    /// Keeps one answer.
    private final class Recording implements Answer {
        private final int status;
        private final List<String> headers = new ArrayList<>();
        private final ByteArraySink body = new ByteArraySink(BODY_BYTES_MAX);
        private boolean sent;

        Recording(int status) {
            this.status = status;
        }

        @Override
        public Answer header(String name, String value) {
            requireThat(!sent, "answer: sent already");
            headers.add(name);
            headers.add(value);
            return this;
        }

        @Override
        public ByteSink body() {
            return body;
        }

        @Override
        public void send() {
            requireThat(!sent && answer == this, "answer: sent already or aborted");
            sent = true;
            end(status);
        }

        @Override
        public void abort() {
            requireThat(!sent && answer == this, "answer: sent already or aborted");
            answer = null;
        }
    }
}
