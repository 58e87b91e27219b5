/// The catalog: which files there are, which API belongs to which of them, what is wrong with them,
/// and what shall be live.
///
/// Start with [io.mimicore.controlplane.catalog.Catalog], the running part. Its rules are in
/// `Ledger`, which has no thread; what takes time runs in `CompileJobs`.
@NullMarked
package io.mimicore.controlplane.catalog;

import org.jspecify.annotations.NullMarked;
