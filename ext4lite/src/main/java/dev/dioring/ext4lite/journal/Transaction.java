package dev.dioring.ext4lite.journal;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Changes that become durable together. Guarded by the journal's lock, but for the dirty blocks.
 */
final class Transaction {
  /** Life of a transaction. */
  enum State {
    /** Handles join it. */
    RUNNING,
    /** No handle joins any more; it waits for those that did. */
    LOCKED,
    /** Its blocks are copied and being logged; the next transaction may run. */
    LOG,
    /** Its blocks are in the log; they, and data, are being flushed, and then it is committed. */
    COMMIT,
    /** Durable. */
    FINISHED;

    private State next() {
      return switch (this) {
        case RUNNING -> LOCKED;
        case LOCKED -> LOG;
        case LOG -> COMMIT;
        case COMMIT, FINISHED -> FINISHED;
      };
    }
  }

  /** Counts all transactions of this mount, those without changes included. */
  final long id;

  final long startNanos;

  /** Dirty blocks, each at least once; handles add to it without the lock. */
  final Queue<MetadataBuffer> dirty = new ConcurrentLinkedQueue<>();

  /** Freed blocks whose copies in the log must not be replayed. */
  final Set<Long> revoked = new HashSet<>();

  final List<Runnable> atCommit = new ArrayList<>();

  final List<Runnable> afterCommit = new ArrayList<>();

  /** Handles that are open. */
  int handles;

  /** Blocks that its handles have changed or may still change. */
  int reservedBlocks;

  private State state = State.RUNNING;

  Transaction(long id, long startNanos) {
    this.id = id;
    this.startNanos = startNanos;
  }

  State state() {
    return state;
  }

  /** Moves on to the state that follows. */
  void advance(State next) {
    if (state == State.FINISHED || next != state.next()) {
      throw new IllegalStateException("transaction " + id + " from " + state + " to " + next);
    }
    if (next == State.LOG && handles > 0) {
      throw new IllegalStateException(
          "transaction " + id + " is copied with " + handles + " open handles");
    }
    state = next;
  }

  boolean isEmpty() {
    return dirty.isEmpty() && revoked.isEmpty() && atCommit.isEmpty() && afterCommit.isEmpty();
  }
}
