package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.QuotaBlock;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What users, groups and projects occupy, on volumes that keep account of it: space, as inodes
 * count their sectors, and inodes. Every change goes with the handle that makes it. The volume's
 * own inodes are charged to nobody.
 *
 * <p>A quota file that cannot be changed does not keep blocks and inodes from being freed: that is
 * logged, and e2fsck counts again.
 */
final class Quotas implements AutoCloseable {
  /**
   * Blocks that a handle may change beyond its own: for each kind the entries of two owners and a
   * new one with its way down, the lists, the file's extents and what they are allocated from.
   */
  static final int CREDITS = 3 * 20;

  private static final Logger LOG = LoggerFactory.getLogger(Quotas.class);

  private final Superblock superblock;
  private final boolean hugeFiles;
  private final int blockSizeBytes;
  private final Clock clock;

  /** Whether limits bind, or usage is counted only. */
  private final boolean limited;

  private final List<QuotaFile> files = new ArrayList<>();

  /** Guards the files. Rank: behind the fields of an inode, before the bitmaps. */
  private final ReentrantLock lock = new ReentrantLock();

  private Quotas(VolumeContext volume, Clock clock, boolean limited) {
    this.limited = limited;
    superblock = volume.superblock();
    hugeFiles = superblock.has(Feature.HUGE_FILE);
    blockSizeBytes = volume.groups().blockSizeBytes();
    this.clock = clock;
  }

  /** Opens the quota files of a volume that is to be written; none if it has no quotas. */
  static Quotas open(
      VolumeContext volume, InodeTable table, Clock clock, boolean writable, Ext4Options rules)
      throws IOException {
    Quotas quotas = new Quotas(volume, clock, rules.quotaLimits());
    if (!writable || !volume.superblock().has(Feature.QUOTA)) {
      return quotas;
    }
    boolean complete = false;
    try {
      for (QuotaKind kind : QuotaKind.values()) {
        long nr = kind.inodeNr(volume.superblock());
        if (nr != 0) {
          QuotaFile file = new QuotaFile(volume, kind, table.checked(nr));
          quotas.files.add(file);
          file.check();
        }
      }
      complete = true;
      return quotas;
    } finally {
      if (!complete) {
        quotas.close();
      }
    }
  }

  /** Whether there are any. */
  boolean isKept() {
    return !files.isEmpty();
  }

  /** An inode has so many bytes more, or less. The caller holds its fields' lock. */
  void charge(Handle handle, BlockAllocator allocator, InodeBlock owner, long bytes) {
    if (isCounted(owner.inodeNr())) {
      change(handle, allocator, owner.inode(), bytes, 0);
    }
  }

  /** An inode with its owners is in use now, or about to be free, without blocks. */
  void chargeInode(Handle handle, BlockAllocator allocator, InodeBlock owner, int inodes) {
    if (isCounted(owner.inodeNr())) {
      change(handle, allocator, owner.inode(), 0, inodes);
    }
  }

  /**
   * Refuses what would exceed a hard limit, or a soft one after its grace. Owner 0 is bound by
   * none; others are, whoever acts for them. The caller holds the inode's fields' lock, or is the
   * only one to know it.
   *
   * @throws Ext4Exception EDQUOT
   */
  void require(Inode owner, long bytes, int inodes) throws IOException {
    if (!limited) {
      return;
    }
    for (QuotaFile file : files) {
      long id = file.kind().ownerId(owner);
      if (id != 0) {
        require(file, id, bytes, inodes);
      }
    }
  }

  private void require(QuotaFile file, long id, long bytes, int inodes) throws IOException {
    lock.lock();
    try {
      long entryNr = file.find(id);
      if (entryNr < 0) {
        return;
      }
      try (QuotaFile.Place block = file.blockOf(entryNr)) {
        long entry = QuotaFile.offset(block, entryNr);
        boolean room =
            hasRoom(block.data(), entry, true, bytes)
                && hasRoom(block.data(), entry, false, inodes);
        if (!room) {
          throw new Ext4Exception("quota of " + file.kind() + " " + id, Errno.EDQUOT, "");
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(MemorySegment data, long entry, boolean ofSpace, long amount) {
    if (amount <= 0) {
      return true;
    }
    long usage = QuotaBlock.usage(data, entry, ofSpace) + amount;
    long hard = limit(data, entry, ofSpace, true);
    long soft = limit(data, entry, ofSpace, false);
    long graceEnd = QuotaBlock.graceEndSeconds(data, entry, ofSpace);
    boolean late = graceEnd != 0 && clock.instant().getEpochSecond() >= graceEnd;
    return usage <= hard && (usage <= soft || !late);
  }

  private static long limit(MemorySegment data, long entry, boolean ofSpace, boolean hard) {
    long stored = QuotaBlock.limit(data, entry, ofSpace, hard);
    if (stored <= 0) {
      return Long.MAX_VALUE;
    }
    return ofSpace ? Math.min(stored, Long.MAX_VALUE >>> 10) << 10 : stored;
  }

  /** What is done to the owners of an inode. */
  @FunctionalInterface
  interface OwnerChange {
    void run();
  }

  /** Changes the owners of an inode, and charges it to the new ones. */
  void transfer(Handle handle, BlockAllocator allocator, InodeBlock owner, OwnerChange change) {
    Inode inode = owner.inode();
    long[] before = new long[files.size()];
    for (int i = 0; i < before.length; i++) {
      before[i] = files.get(i).kind().ownerId(inode);
    }
    change.run();
    if (!isCounted(owner.inodeNr())) {
      return;
    }
    long bytes = inode.sectors(hugeFiles, blockSizeBytes) * Inode.SECTOR_BYTES;
    for (int i = 0; i < before.length; i++) {
      QuotaFile file = files.get(i);
      long now = file.kind().ownerId(inode);
      if (now != before[i]) {
        change(handle, allocator, file, before[i], -bytes, -1);
        change(handle, allocator, file, now, bytes, 1);
      }
    }
  }

  private boolean isCounted(long inodeNr) {
    return !files.isEmpty()
        && (inodeNr == Ext4Inode.ROOT_NR || inodeNr >= superblock.firstInode())
        && inodeNr != superblock.projectQuotaInodeNr()
        && (inodeNr != superblock.orphanFileInodeNr() || !superblock.has(Feature.ORPHAN_FILE));
  }

  private void change(
      Handle handle, BlockAllocator allocator, Inode inode, long bytes, int inodes) {
    for (QuotaFile file : files) {
      change(handle, allocator, file, file.kind().ownerId(inode), bytes, inodes);
    }
  }

  private void change(
      Handle handle, BlockAllocator allocator, QuotaFile file, long id, long bytes, int inodes) {
    lock.lock();
    try {
      long entryNr = file.find(id);
      if (entryNr < 0) {
        entryNr = file.insert(handle, allocator, id);
      }
      try (QuotaFile.Place block = file.blockOf(entryNr)) {
        long entry = QuotaFile.offset(block, entryNr);
        handle.access(block.buffer());
        add(file, block.data(), entry, true, bytes);
        add(file, block.data(), entry, false, inodes);
        QuotaFile.keepInUse(block.data(), entry);
        handle.dirty(block.buffer());
      }
    } catch (IOException e) {
      LOG.error("quota of {} {}, run e2fsck: {}", file.kind(), id, e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  private void add(QuotaFile file, MemorySegment data, long entry, boolean ofSpace, long amount)
      throws IOException {
    long usage = QuotaBlock.usage(data, entry, ofSpace) + amount;
    QuotaBlock.usage(data, entry, ofSpace, Math.max(0, usage));
    if (usage <= limit(data, entry, ofSpace, false)) {
      QuotaBlock.graceEndSeconds(data, entry, ofSpace, 0);
    } else if (QuotaBlock.graceEndSeconds(data, entry, ofSpace) == 0) {
      long end = clock.instant().getEpochSecond() + file.graceSeconds(ofSpace);
      QuotaBlock.graceEndSeconds(data, entry, ofSpace, end);
    }
  }

  @Override
  public void close() {
    files.forEach(QuotaFile::close);
  }
}
