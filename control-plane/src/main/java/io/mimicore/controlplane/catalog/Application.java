package io.mimicore.controlplane.catalog;

import static java.util.Objects.requireNonNull;

import io.mimicore.config.ConfigFile;

/// An author's file that is handed to the admin API.
///
/// @param api the API that it is meant to be; empty: whichever it declares
/// @param file its bytes, and how problems call it
/// @param etag what the API's etag must be; empty: whatever it is
/// @param takeOver whether the API may be taken from the directory that it belongs to
public record Application(String api, ConfigFile file, String etag, boolean takeOver) {
    public Application {
        requireNonNull(api, "api");
        requireNonNull(file, "file");
        requireNonNull(etag, "etag");
    }
}
