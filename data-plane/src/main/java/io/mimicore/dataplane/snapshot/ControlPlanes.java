package io.mimicore.dataplane.snapshot;

import static java.util.Objects.requireNonNull;

import io.grpc.Channel;
import java.util.List;
import java.util.function.Supplier;

/// The control planes that a node may follow; it follows one at a time. Thread-safe.
public final class ControlPlanes {
    private final List<Link> links;
    private volatile Link followed;

    /// How one control plane is reached.
    ///
    /// @param address `host:port` as control planes name each other, by which one of them can send
    ///   a node to another; empty: none can send it here
    /// @param channel to it, for each stream and each artifact anew
    public record Link(String address, Supplier<Channel> channel) {
        public Link {
            requireNonNull(address, "address");
            requireNonNull(channel, "channel");
        }
    }

    /// @param links at least one
    public ControlPlanes(List<Link> links) {
        if (links.isEmpty()) {
            throw new IllegalArgumentException("control planes: 0 (expected: at least one)");
        }
        this.links = List.copyOf(links);
        this.followed = links.getFirst();
    }

    List<String> addresses() {
        return links.stream().map(Link::address).toList();
    }

    /// Goes over to the control plane at this place of the list.
    Channel follow(int place) {
        Link next = links.get(place);
        followed = next;
        return next.channel().get();
    }

    /// A channel to the control plane that is followed, or was the last one tried.
    Channel followed() {
        return followed.channel().get();
    }
}
