/// The stored and sent form of an API's IR: canonical protobuf bytes whose digest names the IR.
///
/// Start with [IrCodec]. [SignatureCodec] is shared with whoever stores or sends function
/// signatures outside an IR. Each `…Codec` holds both directions of one part of the model.
@NullMarked
package io.mimicore.ir.codec;

import org.jspecify.annotations.NullMarked;
