package io.mimicore.build;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mimicore.ir.Digest;
import io.mimicore.ir.FunctionSignature;
import io.mimicore.ir.codec.MalformedIrException;
import io.mimicore.ir.codec.SignatureCodec;
import io.mimicore.proto.store.v1.BuildRequestRecord;
import io.mimicore.proto.store.v1.BuildStateRecord;
import io.mimicore.proto.store.v1.Toolchain;
import io.mimicore.proto.store.v1.WorkerRecord;
import io.mimicore.store.StoreException;
import java.util.ArrayList;
import java.util.List;

/// The records of builds and workers in the store, and back.
///
/// Decoding throws [StoreException] for bytes that are no such record.
public final class BuildRecords {
    private BuildRecords() {}

    /// The value of `build/{key}/state`.
    public static byte[] encode(BuildState state) {
        BuildStateRecord.Builder record = BuildStateRecord.newBuilder();
        switch (state) {
            case BuildState.Queued queued ->
                    record.getQueuedBuilder()
                            .setReason(queued.reason())
                            .setAttempt(queued.attempt())
                            .setSinceMillis(queued.sinceMillis());
            case BuildState.Running running ->
                    record.getRunningBuilder()
                            .setAttempt(running.attempt())
                            .setWorker(running.worker())
                            .setSinceMillis(running.sinceMillis());
            case BuildState.Done done -> {
                BuildStateRecord.Done.Builder message =
                        record.getDoneBuilder()
                                .setArtifactDigest(ByteString.copyFrom(done.artifact().bytes()))
                                .setArtifactBytes(done.bytes())
                                .setBuildMillis(done.millis())
                                .setAttempt(done.attempt());
                done.functions()
                        .forEach(function -> message.addFunctions(SignatureCodec.encode(function)));
            }
            case BuildState.Failed failed -> {
                BuildStateRecord.Failed.Builder message =
                        record.getFailedBuilder().setAttempt(failed.attempt());
                failed.problems().forEach(problem -> message.addProblems(encode(problem)));
            }
        }
        return record.build().toByteArray();
    }

    /// The state in a value of `build/{key}/state`.
    public static BuildState decodeState(byte[] value) {
        try {
            BuildStateRecord record = BuildStateRecord.parseFrom(value);
            return switch (record.getStateCase()) {
                case QUEUED ->
                        new BuildState.Queued(
                                record.getQueued().getReason(),
                                record.getQueued().getAttempt(),
                                record.getQueued().getSinceMillis());
                case RUNNING ->
                        new BuildState.Running(
                                record.getRunning().getAttempt(),
                                record.getRunning().getWorker(),
                                record.getRunning().getSinceMillis());
                case DONE -> decode(record.getDone());
                case FAILED ->
                        new BuildState.Failed(
                                record.getFailed().getProblemsList().stream()
                                        .map(BuildRecords::decode)
                                        .toList(),
                                record.getFailed().getAttempt());
                case STATE_NOT_SET -> throw new StoreException("build state: none in the record");
            };
        } catch (InvalidProtocolBufferException | MalformedIrException e) {
            throw new StoreException("build state: not a record of it", e);
        } catch (IllegalArgumentException e) {
            throw new StoreException("build state: a value is out of range", e);
        }
    }

    /// The value of `build/{key}/request`.
    public static byte[] encode(QueuedRequest request) {
        return BuildRequestRecord.newBuilder()
                .setToolchain(request.toolchain())
                .setToolchainVersion(request.toolchainVersion())
                .setSourceDigest(ByteString.copyFrom(request.source().bytes()))
                .build()
                .toByteArray();
    }

    /// The request in a value of `build/{key}/request`.
    public static QueuedRequest decodeRequest(byte[] value) {
        try {
            BuildRequestRecord record = BuildRequestRecord.parseFrom(value);
            return new QueuedRequest(
                    record.getToolchain(),
                    record.getToolchainVersion(),
                    Digest.ofBytes(record.getSourceDigest().toByteArray()));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new StoreException("build request: not a record of it", e);
        }
    }

    /// The value of a worker's key.
    public static byte[] encode(WorkerOffer worker) {
        WorkerRecord.Builder record = WorkerRecord.newBuilder().setId(worker.id());
        worker.toolchains()
                .forEach(toolchain ->
                        record.addToolchains(
                                Toolchain.newBuilder()
                                        .setName(toolchain.name())
                                        .setVersion(toolchain.version())));
        return record.build().toByteArray();
    }

    /// The worker in a value of its key.
    public static WorkerOffer decodeWorker(byte[] value) {
        try {
            WorkerRecord record = WorkerRecord.parseFrom(value);
            return new WorkerOffer(
                    record.getId(),
                    record.getToolchainsList().stream()
                            .map(toolchain ->
                                    new WorkerOffer.Toolchain(
                                            toolchain.getName(), toolchain.getVersion()))
                            .toList());
        } catch (InvalidProtocolBufferException e) {
            throw new StoreException("worker: not a record of it", e);
        }
    }

    private static BuildState decode(BuildStateRecord.Done done) throws MalformedIrException {
        List<FunctionSignature> functions = new ArrayList<>();
        for (var function : done.getFunctionsList()) {
            functions.add(SignatureCodec.decode(function));
        }
        return new BuildState.Done(
                Digest.ofBytes(done.getArtifactDigest().toByteArray()),
                done.getArtifactBytes(),
                functions,
                done.getBuildMillis(),
                done.getAttempt());
    }

    private static io.mimicore.proto.store.v1.SourceProblem encode(SourceProblem problem) {
        return io.mimicore.proto.store.v1.SourceProblem.newBuilder()
                .setLine(problem.line())
                .setColumn(problem.column())
                .setCode(problem.code())
                .setMessage(problem.message())
                .setHint(problem.hint())
                .build();
    }

    private static SourceProblem decode(io.mimicore.proto.store.v1.SourceProblem problem) {
        return new SourceProblem(
                problem.getLine(),
                problem.getColumn(),
                problem.getCode(),
                problem.getMessage(),
                problem.getHint());
    }
}
