package io.mimicore.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// This machine's name, as others may know it.
final class MachineName {
    private MachineName() {}

    static String get() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            // It has a name, but no address for it.
            String name = System.getenv("HOSTNAME");
            return name == null || name.isBlank() ? "localhost" : name;
        }
    }
}
