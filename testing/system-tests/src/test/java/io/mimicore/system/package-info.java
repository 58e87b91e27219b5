/// Tests of the packaged program as a user meets it: files in, HTTP out, processes that are killed.
///
/// Start at `ServeSamplesTest`. Each class starts its own program with directories of its own, from
/// a [Workspace]; `io.mimicore.testkit.process` holds what starts and talks to it.
@NullMarked
package io.mimicore.system;

import org.jspecify.annotations.NullMarked;
