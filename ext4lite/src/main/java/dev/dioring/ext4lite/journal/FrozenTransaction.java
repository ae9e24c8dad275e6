package dev.dioring.ext4lite.journal;

import dev.dioring.ext4lite.buffer.ChecksumUpdate;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The content of a transaction at the moment it was locked, in the shape it will have in the log:
 * revoke blocks, then each descriptor in front of its copies. The commit block is not part of it.
 */
final class FrozenTransaction {
  /** A copy of a changed block, which goes into the log and later to its place. */
  static final class Copy {
    final MetadataBuffer buffer;

    /** As it was for this content: the next transaction may make another kind of block of it. */
    private final ChecksumUpdate checksum;

    /** What goes to its place; in the log too unless it has to be escaped. */
    LogMemory.Block content;

    /** Whether this is still the newest one. Used by the thread that commits. */
    boolean live = true;

    Copy(MetadataBuffer buffer, LogMemory.Block content) {
      this.buffer = buffer;
      this.content = content;
      checksum = buffer.checksum();
    }

    long blockNr() {
      return buffer.blockNr();
    }
  }

  final List<Copy> copies = new ArrayList<>();

  /** All blocks in the order of the log. */
  final List<LogMemory.Block> image = new ArrayList<>();

  /** Blocks at the start of the image for revoke records. */
  final int revokeBlocks;

  final long[] revoked;

  private final int tagsPerDescriptor;

  private FrozenTransaction(long[] revoked, int revokeBlocks, int tagsPerDescriptor) {
    this.revoked = revoked;
    this.revokeBlocks = revokeBlocks;
    this.tagsPerDescriptor = tagsPerDescriptor;
  }

  /**
   * Copies what changed; no handle of the transaction is open. Each copy takes over the pin that
   * its first change took.
   */
  static FrozenTransaction freeze(
      Transaction transaction, LogMemory memory, int recordsPerRevoke, int tagsPerDescriptor) {
    Set<Long> freed = transaction.revoked;
    long[] revoked = freed.stream().mapToLong(Long::longValue).sorted().toArray();
    int revokeBlocks = Math.ceilDiv(revoked.length, recordsPerRevoke);
    FrozenTransaction frozen = new FrozenTransaction(revoked, revokeBlocks, tagsPerDescriptor);
    for (int i = 0; i < revokeBlocks; i++) {
      frozen.image.add(memory.take());
    }
    MetadataBuffer[] changed = transaction.dirty.toArray(MetadataBuffer[]::new);
    Arrays.sort(changed, Comparator.comparingLong(MetadataBuffer::blockNr));
    @Nullable MetadataBuffer before = null;
    for (MetadataBuffer buffer : changed) {
      if (buffer == before) {
        buffer.close();
      } else if (freed.contains(buffer.blockNr())) {
        forget(buffer);
      } else {
        if (frozen.copies.size() % tagsPerDescriptor == 0) {
          frozen.image.add(memory.take());
        }
        frozen.copy(buffer, memory);
      }
      before = buffer;
    }
    return frozen;
  }

  /** Blocks it takes in the log, commit block included. */
  int logBlocks() {
    return image.size() + 1;
  }

  boolean isEmpty() {
    return image.isEmpty();
  }

  /** Gives back what only the log needed, once the transaction is there. */
  void giveLogOnly(LogMemory memory) {
    for (int at = 0; at < revokeBlocks; at++) {
      memory.give(image.get(at));
    }
    int at = revokeBlocks;
    for (int i = 0; i < copies.size(); i++) {
      if (i % tagsPerDescriptor == 0) {
        memory.give(image.get(at++));
      }
      LogMemory.Block logged = image.get(at++);
      if (!logged.equals(copies.get(i).content)) {
        memory.give(logged);
      }
    }
    image.clear();
  }

  /** Stores checksums in the copies, outside of any lock. */
  void updateChecksums() {
    for (Copy copy : copies) {
      copy.checksum.update(copy.content.memory(), copy.blockNr());
    }
  }

  private void copy(MetadataBuffer buffer, LogMemory memory) {
    LogMemory.Block block = memory.take();
    buffer.beginWrite();
    MemorySegment.copy(buffer.data(), 0, block.memory(), 0, block.sizeBytes());
    copies.add(new Copy(buffer, block));
    image.add(block);
  }

  /** The block was freed after its change. */
  private static void forget(MetadataBuffer buffer) {
    buffer.beginWrite();
    buffer.endWrite();
    buffer.close();
  }
}
