/// The real program in processes of its own, for system tests. Start with [MimicoreProcess].
///
/// [RawConnection] speaks HTTP/1.1 to it without a client library in between, so a test sees the
/// bytes and may send any `Host`; [Load] keeps it busy while something happens to it.
@NullMarked
package io.mimicore.testkit.process;

import org.jspecify.annotations.NullMarked;
