/// Directories of config files: what lies in them, noticed soon and never half-written.
///
/// Start with [io.mimicore.controlplane.source.DirectorySource], the running part;
/// [io.mimicore.controlplane.source.DirectoryScanner] holds the rules and no thread.
@NullMarked
package io.mimicore.controlplane.source;

import org.jspecify.annotations.NullMarked;
