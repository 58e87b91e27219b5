package io.mimicore.dataplane.render;

import java.util.BitSet;
import java.util.List;

/// Where the parts of a call's response go that templates read.
///
/// @param body the slot of the call itself
/// @param status what `$status` reads
/// @param statusIsRead whether anything reads it
/// @param allHeaders what `$headers` as a whole reads; -1: nothing does
/// @param headers the headers that are read one by one
public record ReplySlots(
        int body, int status, boolean statusIsRead, int allHeaders, List<Header> headers) {
    public ReplySlots {
        headers = List.copyOf(headers);
    }

    /// Every slot that is filled when the call is done.
    public BitSet all() {
        BitSet slots = new BitSet();
        slots.set(body);
        slots.set(status);
        if (allHeaders >= 0) {
            slots.set(allHeaders);
        }
        headers.forEach(header -> slots.set(header.slot()));
        return slots;
    }

    /// A header that is read.
    ///
    /// @param name in lower case
    public record Header(String name, int slot) {}
}
