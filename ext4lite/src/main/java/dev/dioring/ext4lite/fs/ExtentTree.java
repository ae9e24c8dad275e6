package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.buffer.BlockVerifier;
import dev.dioring.ext4lite.buffer.ChecksumUpdate;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.ExtentNodeCheck;
import dev.dioring.ext4lite.format.Inode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * The extent tree of one inode: look-ups, and the way down for changes. Look-ups on the poller
 * thread read the nodes in the cache without a lock and check afterwards that no writer was there.
 */
final class ExtentTree implements FileMap {
  private static final int OPTIMISTIC_TRIES = 4;

  private final VolumeContext volume;
  private final Inode inode;
  private final long inodeNr;
  private final int inodeSeed;
  private final ChecksumUpdate checksum;

  /** Guards the content of all nodes. Rank: behind a journal handle, before the allocator. */
  private final StampedLock lock = new StampedLock();

  ExtentTree(VolumeContext volume, Inode inode, long inodeNr) {
    this.volume = volume;
    this.inode = inode;
    this.inodeNr = inodeNr;
    inodeSeed = volume.checksums().inodeSeed(inodeNr, inode.generation());
    checksum =
        (block, blockNr) -> ExtentNode.updateChecksum(block, 0, volume.checksums(), inodeSeed);
  }

  /** Held for writing by whoever changes nodes. */
  StampedLock lock() {
    return lock;
  }

  ChecksumUpdate checksum() {
    return checksum;
  }

  /** What the cache knows a node of a depth as. */
  long role(int depth) {
    return BlockRole.extentNode(inodeNr, depth);
  }

  MemorySegment rootMemory() {
    return inode.memory();
  }

  long rootBase() {
    return inode.byteOffset() + Inode.BLOCK_OFFSET;
  }

  /**
   * Finds how a file block is stored, without waiting.
   *
   * @param run receives the run around the block
   * @return 0, or {@code -EAGAIN} if a node is not in memory or a writer is at work
   */
  @Override
  public int tryLookUp(long fileBlockNr, ExtentRun run) {
    for (int i = 0; i < OPTIMISTIC_TRIES; i++) {
      long stamp = lock.tryOptimisticRead();
      if (stamp == 0) {
        continue;
      }
      boolean complete;
      try {
        complete = walkCached(fileBlockNr, run);
      } catch (IndexOutOfBoundsException e) {
        // A node was read while it changed; the stamp says so too.
        complete = false;
      }
      if (lock.validate(stamp)) {
        return complete ? 0 : -Errno.EAGAIN;
      }
    }
    return -Errno.EAGAIN;
  }

  /**
   * Finds how a file block is stored, reading nodes and waiting for writers.
   *
   * @param run receives the run around the block
   */
  @Override
  public void lookUp(long fileBlockNr, ExtentRun run) throws IOException {
    long stamp = lock.readLock();
    try {
      lookUpLocked(fileBlockNr, run);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** As {@link #lookUp}; the caller holds the lock. */
  void lookUpLocked(long fileBlockNr, ExtentRun run) throws IOException {
    try (ExtentPath path = new ExtentPath()) {
      descend(path, fileBlockNr);
      int leaf = path.leafLevel();
      describe(path.node(leaf), path.base(leaf), path.endFileBlockNr(), fileBlockNr, run);
    }
  }

  /** Levels below the root; without the lock it may be out of date. */
  int depth() {
    return ExtentNode.depth(rootMemory(), rootBase());
  }

  /** Goes down to the leaf responsible for a file block; the caller holds the lock. */
  void descend(ExtentPath path, long fileBlockNr) throws IOException {
    path.begin(rootMemory(), rootBase());
    int depth = ExtentNode.depth(rootMemory(), rootBase());
    for (int level = 0; ; level++) {
      MemorySegment node = path.node(level);
      long base = path.base(level);
      int index = ExtentNode.search(node, base, fileBlockNr);
      path.index(level, index);
      if (level == depth) {
        return;
      }
      index = Math.max(index, 0);
      path.index(level, index);
      if (index + 1 < ExtentNode.entries(node, base)) {
        path.endFileBlockNr(ExtentNode.fileBlockNr(node, base, index + 1));
      }
      path.push(
          child(
              ExtentNode.childBlockNr(node, base, index),
              depth - level - 1,
              ExtentNode.fileBlockNr(node, base, index)));
    }
  }

  private MetadataBuffer child(long blockNr, int depth, long firstFileBlockNr) throws IOException {
    BlockVerifier verifier =
        buffer -> {
          ExtentNodeCheck.checkBlock(
              buffer.data(),
              0,
              depth,
              firstFileBlockNr,
              volume.dataBlocks(),
              volume.checksums(),
              inodeSeed,
              inodeNr,
              buffer.blockNr());
          buffer.checksum(checksum);
        };
    return volume.cache().get(blockNr, role(depth), verifier);
  }

  /** Walks nodes that may change meanwhile. @return false if one is not in memory */
  private boolean walkCached(long fileBlockNr, ExtentRun run) {
    MemorySegment node = rootMemory();
    long base = rootBase();
    long end = ExtentNode.FILE_BLOCKS_MAX;
    MetadataBuffer pinned = null;
    try {
      for (int depth = ExtentNode.depth(node, base); depth > 0; depth--) {
        int index = Math.max(0, ExtentNode.search(node, base, fileBlockNr));
        if (index + 1 < ExtentNode.entries(node, base)) {
          end = ExtentNode.fileBlockNr(node, base, index + 1);
        }
        MetadataBuffer next =
            volume.cache().tryGet(ExtentNode.childBlockNr(node, base, index), role(depth - 1));
        release(pinned);
        pinned = next;
        if (next == null) {
          return false;
        }
        node = next.data();
        base = 0;
      }
      describe(node, base, end, fileBlockNr, run);
      return true;
    } finally {
      release(pinned);
    }
  }

  private static void release(@Nullable MetadataBuffer buffer) {
    if (buffer != null) {
      buffer.close();
    }
  }

  private static void describe(
      MemorySegment leaf, long base, long end, long fileBlockNr, ExtentRun run) {
    int index = ExtentNode.search(leaf, base, fileBlockNr);
    long holeStart = 0;
    if (index >= 0) {
      long first = ExtentNode.fileBlockNr(leaf, base, index);
      int length = ExtentNode.lengthBlocks(leaf, base, index);
      if (fileBlockNr < first + length) {
        ExtentRun.State state =
            ExtentNode.unwritten(leaf, base, index)
                ? ExtentRun.State.UNWRITTEN
                : ExtentRun.State.WRITTEN;
        run.set(state, first, length, ExtentNode.startBlockNr(leaf, base, index));
        return;
      }
      holeStart = first + length;
    }
    long holeEnd =
        index + 1 < ExtentNode.entries(leaf, base)
            ? ExtentNode.fileBlockNr(leaf, base, index + 1)
            : end;
    // In front of a leaf's first entry nothing says where the hole starts; here is near enough.
    long start = index >= 0 ? holeStart : fileBlockNr;
    // Behind the last block that extents can name there is a hole for any size a file claims.
    long behind = fileBlockNr < holeEnd ? holeEnd : Long.MAX_VALUE;
    run.set(ExtentRun.State.HOLE, start, behind - start, 0);
  }
}
