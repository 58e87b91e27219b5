package io.mimicore.ir;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// What an API does with a request: answer by routes, or pass it on as it is.
public sealed interface Serving {
    /// Routes in the order of the file.
    record Routes(List<Route> routes) implements Serving {
        public Routes {
            routes = List.copyOf(routes);
        }
    }

    /// Passes every request to one target.
    record Proxy(ProxyTarget target) implements Serving {
        public Proxy {
            requireNonNull(target, "target");
        }
    }

    /// Where a proxied request goes.
    sealed interface ProxyTarget {
        /// A Unix domain socket's path.
        record UnixSocket(String path) implements ProxyTarget {}

        /// An absolute `http` or `https` URL.
        record Upstream(String url) implements ProxyTarget {}
    }
}
