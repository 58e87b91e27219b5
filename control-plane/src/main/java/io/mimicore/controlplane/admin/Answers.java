package io.mimicore.controlplane.admin;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.mimicore.store.StoreException;
import java.util.function.Supplier;

/// Answers calls of one request and one response.
final class Answers {
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
