/// Takes builds from the store and does each of them once for the whole fleet.
///
/// Start with [CompilerWorker]; [BuildLedger] has the transactions that make it once.
@NullMarked
package io.mimicore.compiler.worker;

import org.jspecify.annotations.NullMarked;
