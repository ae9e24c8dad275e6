package dev.dioring.ext4lite.journal;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps all changes in memory, for whoever wants to know what they come to; nothing is written.
 * Confined to a thread.
 */
public final class MemoryJournal implements Journal {
  private static final long TRANSACTION = 1;

  /** What changed, each block pinned once. */
  private final Map<Long, MetadataBuffer> changed = new TreeMap<>();

  private final List<Runnable> afterCommit = new ArrayList<>();

  /** The content of the blocks that changed, with their checksums, in memory of the arena. */
  public Map<Long, MemorySegment> content(Arena arena) {
    Map<Long, MemorySegment> content = new HashMap<>();
    for (MetadataBuffer buffer : changed.values()) {
      long bytes = buffer.data().byteSize();
      MemorySegment copy = arena.allocate(bytes, bytes);
      copy.copyFrom(buffer.data());
      buffer.checksum().update(copy, buffer.blockNr());
      content.put(buffer.blockNr(), copy);
    }
    return content;
  }

  @Override
  public Handle start(int credits) {
    return new MemoryHandle();
  }

  @Override
  public long newestTransaction() {
    return TRANSACTION;
  }

  @Override
  public boolean isDurable(long transaction) {
    return false;
  }

  /** Runs what has to follow the changes so far. */
  @Override
  public void commit(long transaction) {
    List<Runnable> actions = new ArrayList<>(afterCommit);
    afterCommit.clear();
    actions.forEach(Runnable::run);
  }

  @Override
  public void settle() {
    while (!isClean()) {
      commit(TRANSACTION);
    }
  }

  @Override
  public boolean isAtomic() {
    return true;
  }

  @Override
  public boolean isClean() {
    return afterCommit.isEmpty();
  }

  @Override
  public void abort(IOException cause) {}

  @Override
  public int abortErrno() {
    return 0;
  }

  @Override
  public JournalStats stats() {
    return JournalStats.NONE;
  }

  @Override
  public void close() {
    changed.values().forEach(MetadataBuffer::close);
    changed.clear();
  }

  private final class MemoryHandle implements Handle {
    @Override
    public long transaction() {
      return TRANSACTION;
    }

    @Override
    public boolean extend(int credits) {
      return true;
    }

    @Override
    public void access(MetadataBuffer buffer) {}

    @Override
    public void dirty(MetadataBuffer buffer) {
      changed.computeIfAbsent(buffer.blockNr(), blockNr -> buffer.pin());
    }

    @Override
    public void revoke(long blockNr) {
      MetadataBuffer freed = changed.remove(blockNr);
      if (freed != null) {
        freed.close();
      }
    }

    @Override
    public void atCommit(Runnable action) {
      afterCommit.add(action);
    }

    @Override
    public void afterCommit(Runnable action) {
      afterCommit.add(action);
    }

    @Override
    public void close() {}
  }
}
