package io.mimicore.controlplane.store.etcd;

import io.mimicore.proto.etcd.v3.ResponseHeader;
import org.jspecify.annotations.Nullable;

/// What has been seen of the cluster's history, to notice that it was replaced: by a backup that
/// was restored, or by another cluster at the same address.
///
/// A linearizable answer is never older than what was known when its call began: it has the same
/// cluster, at least that revision and at least that raft term. An answer that breaks this belongs
/// to another history, whose revisions mean other things. A backup that has grown beyond everything
/// seen before, in as high a term, cannot be told from the cluster it was taken of; `etcdutl
/// snapshot restore --bump-revision --mark-compacted` makes that impossible.
///
/// Thread-safe.
final class SeenHistory {
    private @Nullable Moment newest;
    private int number;

    /// A moment of a history.
    ///
    /// @param number counts histories, from 0
    record Moment(int number, long cluster, long revision, long term) {
        boolean isFollowedBy(ResponseHeader header) {
            return header.getClusterId() == cluster
                    && header.getRevision() >= revision
                    && header.getRaftTerm() >= term;
        }
    }

    /// What is known now; absent: nothing yet.
    synchronized @Nullable Moment newest() {
        return newest;
    }

    /// The number of the history that answers at present.
    synchronized int number() {
        return number;
    }

    /// Takes a linearizable answer.
    ///
    /// @param before what was known when its call began
    /// @return how the history was replaced; absent: it goes on
    synchronized @Nullable String see(@Nullable Moment before, ResponseHeader header) {
        Moment known = newest;
        if (before == null || before.number() != number || known == null) {
            if (known == null) {
                newest = momentOf(header);
            }
            return null;
        }
        if (before.isFollowedBy(header)) {
            if (known.isFollowedBy(header)) {
                newest = momentOf(header);
            }
            return null;
        }
        number++;
        newest = momentOf(header);
        return "cluster "
                + Long.toHexString(before.cluster())
                + " revision "
                + before.revision()
                + " term "
                + before.term()
                + " is followed by cluster "
                + Long.toHexString(header.getClusterId())
                + " revision "
                + header.getRevision()
                + " term "
                + header.getRaftTerm();
    }

    private Moment momentOf(ResponseHeader header) {
        return new Moment(
                number, header.getClusterId(), header.getRevision(), header.getRaftTerm());
    }
}
