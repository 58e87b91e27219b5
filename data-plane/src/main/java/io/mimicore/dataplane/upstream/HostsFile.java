package io.mimicore.dataplane.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.resolver.HostsFileEntriesProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The names that a machine's own file gives addresses (hosts(5)), read anew when it has changed.
/// Thread-safe.
final class HostsFile {
    private final Path file;
    private Map<String, List<InetAddress>> ipv4 = Map.of();
    private Map<String, List<InetAddress>> ipv6 = Map.of();
    private String seen = "";

    HostsFile(Path file) {
        this.file = file;
    }

    /// The addresses of a name, IPv4 first; none: the file does not have it.
    synchronized List<InetAddress> addresses(String host) {
        refresh();
        String name = host.toLowerCase(Locale.ROOT);
        List<InetAddress> all = new ArrayList<>(ipv4.getOrDefault(name, List.of()));
        all.addAll(ipv6.getOrDefault(name, List.of()));
        return all;
    }

    private void refresh() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            String mark = now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
            if (!mark.equals(seen)) {
                HostsFileEntriesProvider entries =
                        HostsFileEntriesProvider.parser().parse(file.toFile(), UTF_8);
                ipv4 = entries.ipv4Entries();
                ipv6 = entries.ipv6Entries();
                seen = mark;
            }
        } catch (IOException _) {
            // A machine may have none; one that cannot be read for now stays as it was.
        }
    }
}
