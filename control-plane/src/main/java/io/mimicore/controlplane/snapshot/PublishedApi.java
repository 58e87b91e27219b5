package io.mimicore.controlplane.snapshot;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.controlplane.source.SourceId;
import io.mimicore.ir.Digest;
import io.mimicore.proto.store.v1.SourceRecord;
import io.mimicore.snapshot.ApiEntry;
import io.mimicore.store.StoreException;

/// An API's form with the version it was published in; `src/{api}` in the store.
///
/// @param version the first version with this entry, 1..
public record PublishedApi(ApiForm form, long version) {
    public PublishedApi {
        requireNonNull(form, "form");
    }

    byte[] encode() {
        ApiForm.Origin origin = form.origin();
        var encoded =
                SourceRecord.newBuilder()
                        .setApi(form.api())
                        .setOwner(origin.owner().value())
                        .setFileName(origin.fileName())
                        .setSourceDigest(bytes(origin.source()))
                        .setIrDigest(bytes(form.entry().ir()))
                        .setCompiler(form.compiler())
                        .setRoutes(form.routes())
                        .setIrBytes(form.irBytes())
                        .setVersion(version)
                        .setWarned(form.warned());
        form.entry().artifacts().forEach(artifact -> encoded.addArtifactDigests(bytes(artifact)));
        if (origin.code() != null) {
            encoded.setCodeDigest(bytes(origin.code()));
        }
        return encoded.build().toByteArray();
    }

    /// @throws StoreException if the record is damaged
    static PublishedApi decode(byte[] encoded) {
        try {
            SourceRecord record = SourceRecord.parseFrom(encoded);
            var entry =
                    new ApiEntry(
                            record.getApi(),
                            digest(record.getIrDigest()),
                            record.getArtifactDigestsList().stream()
                                    .map(PublishedApi::digest)
                                    .toList());
            var origin =
                    new ApiForm.Origin(
                            new SourceId(record.getOwner()),
                            record.getFileName(),
                            digest(record.getSourceDigest()),
                            record.getCodeDigest().isEmpty()
                                    ? null
                                    : digest(record.getCodeDigest()));
            var form =
                    new ApiForm(
                            entry,
                            origin,
                            record.getCompiler(),
                            record.getRoutes(),
                            record.getIrBytes(),
                            record.getWarned());
            return new PublishedApi(form, record.getVersion());
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new StoreException("a source record is damaged", e);
        }
    }

    private static ByteString bytes(Digest digest) {
        return ByteString.copyFrom(digest.bytes());
    }

    private static Digest digest(ByteString bytes) {
        return Digest.ofBytes(bytes.toByteArray());
    }
}
