package io.mimicore.controlplane.admin;

import com.google.rpc.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.mimicore.controlplane.catalog.AdminOutcome;
import io.mimicore.store.StoreException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Answers calls of one request and one response.
final class Answers {
    /// How long a call waits for its change to be stored, builds included. The change goes on after
    /// that.
    static final Duration CHANGE_PATIENCE = Duration.ofMinutes(5);

    private Answers() {}

    /// Sends what `answer` gives, or the error it throws.
    static <T> void answer(StreamObserver<T> responses, Supplier<T> answer) {
        T response;
        try {
            response = answer.get();
        } catch (StatusRuntimeException e) {
            responses.onError(e);
            return;
        } catch (StoreException e) {
            responses.onError(AdminErrors.storeFailed(e));
            return;
        }
        responses.onNext(response);
        responses.onCompleted();
    }

    /// Waits until a change is stored, and sends what it has come to.
    ///
    /// @param change begins it
    static <T> void change(
            StreamObserver<T> responses,
            Supplier<CompletableFuture<AdminOutcome>> change,
            Function<AdminOutcome.Done, T> done) {
        change(responses, change, done, _ -> null);
    }

    /// Like [#change(StreamObserver, Supplier, Function)].
    ///
    /// @param pardoned the answer to a refusal that is no error; absent: it is one
    static <T> void change(
            StreamObserver<T> responses,
            Supplier<CompletableFuture<AdminOutcome>> change,
            Function<AdminOutcome.Done, T> done,
            Function<AdminOutcome.Refused, @Nullable T> pardoned) {
        answer(
                responses,
                () ->
                        switch (await(change.get())) {
                            case AdminOutcome.Done made -> done.apply(made);
                            case AdminOutcome.Wrong wrong ->
                                    throw AdminErrors.rejected(wrong.problems());
                            case AdminOutcome.Refused refused -> {
                                T answer = pardoned.apply(refused);
                                if (answer == null) {
                                    throw error(refused);
                                }
                                yield answer;
                            }
                        });
    }

    private static AdminOutcome await(CompletableFuture<AdminOutcome> change) {
        return interruptibly(() -> {
            try {
                return change.get(CHANGE_PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException _) {
                throw AdminErrors.info(
                        Code.DEADLINE_EXCEEDED,
                        "NOT_STORED_YET",
                        "not stored within "
                                + CHANGE_PATIENCE.toMinutes()
                                + " minutes; it goes on, and the same call again does nothing twice",
                        Map.of());
            } catch (ExecutionException e) {
                throw new IllegalStateException("a change failed: " + e.getCause(), e);
            }
        });
    }

    /// Runs something that waits, on the thread of a call.
    static <T> T interruptibly(Waiting<T> work) {
        try {
            return work.run();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw AdminErrors.info(
                    Code.UNAVAILABLE, "STOPPING", "this control plane stops", Map.of());
        }
    }

    /// Something that waits.
    @FunctionalInterface
    interface Waiting<T> {
        T run() throws InterruptedException;
    }

    private static StatusRuntimeException error(AdminOutcome.Refused refused) {
        return switch (refused.reason()) {
            case NAME_DIFFERS -> AdminErrors.badField("name", refused.message());
            case NOT_FOUND -> AdminErrors.notFound("Api", "apis/" + refused.subject());
            case OWNED_BY_DIRECTORY ->
                    info(Code.FAILED_PRECONDITION, refused, Map.of("owner", refused.subject()));
            case ETAG_DIFFERS -> info(Code.ABORTED, refused, Map.of("etag", refused.subject()));
            case SUPERSEDED -> info(Code.ABORTED, refused, Map.of());
            case BUILD_UNAVAILABLE, LEADERSHIP_ENDED -> info(Code.UNAVAILABLE, refused, Map.of());
            case TOO_MANY_PENDING -> info(Code.RESOURCE_EXHAUSTED, refused, Map.of());
        };
    }

    private static StatusRuntimeException info(
            Code code, AdminOutcome.Refused refused, Map<String, String> metadata) {
        return AdminErrors.info(code, refused.reason().name(), refused.message(), metadata);
    }

    /// The part of a resource's name behind `collection`.
    ///
    /// @param collection such as `apis/`
    static String idOf(String field, String name, String collection) {
        if (!name.startsWith(collection) || name.length() == collection.length()) {
            throw AdminErrors.badField(
                    field, "\"" + name + "\" (expected: " + collection + "NAME)");
        }
        return name.substring(collection.length());
    }
}
