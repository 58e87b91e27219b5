package io.mimicore.controlplane.source;

import java.util.Locale;

/// Which names in a directory are config files.
final class ConfigNames {
    private ConfigNames() {}

    /// Whether a file of this name is a config: `*.json`, but nothing hidden and nothing that an
    /// editor keeps beside the file it edits (Emacs `#a#` and `.#a`, vim `4913` and `.a.swp`,
    /// Kubernetes `..data`, GNOME `.goutputstream-X`, JetBrains `a.json___jb_tmp___`). What ends in
    /// `~`, `.swp`, `.tmp` or a bare number does not end in `.json` anyway.
    static boolean isConfig(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".json")
                && !name.startsWith(".")
                && !name.startsWith("#")
                && !name.startsWith("~");
    }
}
