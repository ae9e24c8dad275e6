package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeCheck;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a crash kept from being done, before a volume is used: inodes without a name are
 * deleted, others lose what lies beyond their size. They are found in the list that starts in the
 * superblock and is linked by deletion times, and in the orphan file. Each leaves its list in the
 * change that is the last one of it, so this too may be interrupted.
 *
 * <p>As in Linux, what a list leads to that is no orphan is an error of the volume, and what it may
 * hide is left to e2fsck: the list in the superblock ends there, the orphan file goes on behind it.
 */
final class OrphanCleanup {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanCleanup.class);

  /** Inode, superblock or orphan file, bitmap, descriptor, attributes with theirs. */
  private static final int CREDITS = 12;

  private static final int PAGE_BYTES = 4096;

  private final VolumeContext volume;
  private final InodeTable table;
  private final BlockAllocator allocator;
  private final InodeAllocator inodes;
  private final AttributeRelease attributes;
  private final VolumeErrors errors;
  private final Clock clock;
  private int deleted;
  private int truncated;
  private int damaged;

  OrphanCleanup(
      VolumeContext volume,
      InodeTable table,
      BlockAllocator allocator,
      InodeAllocator inodes,
      VolumeErrors errors,
      Clock clock) {
    this.volume = volume;
    this.table = table;
    this.allocator = allocator;
    this.inodes = inodes;
    this.errors = errors;
    this.clock = clock;
    attributes = new AttributeRelease(volume, allocator);
  }

  /** Takes an inode off its list, in which it was followed by another, or 0. */
  private interface Unlisting {
    void run(Handle handle, long nextNr) throws IOException;
  }

  /**
   * Cleans up, and commits it.
   *
   * @param fileInUse the orphan file if something may be in it, else null
   */
  void run(@Nullable OrphanFile fileInUse) throws IOException {
    cleanList();
    if (fileInUse != null) {
      cleanFile(fileInUse);
    }
    if (deleted + truncated + damaged > 0 && mayGoOn()) {
      volume.journal().commit();
      LOG.info("deleted {} orphaned inodes, truncated {}", deleted, truncated);
    }
  }

  private void cleanList() throws IOException {
    Superblock superblock = volume.superblock();
    long limit = volume.groups().inodesCount();
    for (long nr = superblock.lastOrphanInodeNr();
        nr != 0 && mayGoOn();
        nr = superblock.lastOrphanInodeNr()) {
      if (limit-- > 0) {
        clean(nr, this::listBeginsWith);
      } else {
        giveUp(
            nr, corrupt(nr, "the list of orphans ends", "an end", "a cycle"), this::listBeginsWith);
      }
    }
  }

  private void listBeginsWith(Handle handle, long firstNr) throws IOException {
    volume.superblock().lastOrphanInodeNr(firstNr);
    storeSuperblock(handle);
  }

  private void cleanFile(OrphanFile file) throws IOException {
    for (int i = 0; i < file.slots() && mayGoOn(); i++) {
      long nr = file.inodeNr(i);
      int slot = i;
      if (nr != 0) {
        clean(nr, (handle, nextNr) -> file.remove(handle, slot));
      }
    }
  }

  /** Whether no error has turned the volume read-only. */
  private boolean mayGoOn() {
    return errors.writeErrno() == 0;
  }

  private void clean(long inodeNr, Unlisting unlisting) throws IOException {
    try {
      InodeBlock orphan = orphan(inodeNr);
      try {
        settle(orphan, unlisting);
      } finally {
        orphan.buffer().close();
      }
    } catch (CorruptStructureException e) {
      giveUp(inodeNr, e, unlisting);
    }
  }

  /** Records what is wrong, and takes the inode off its list without anything behind it. */
  private void giveUp(long inodeNr, CorruptStructureException damage, Unlisting unlisting)
      throws IOException {
    damaged++;
    int unused = errors.errno(inodeNr, damage);
    if (mayGoOn()) {
      try (Handle handle = volume.journal().start(1)) {
        unlisting.run(handle, 0);
      }
    }
  }

  private InodeBlock orphan(long inodeNr) throws IOException {
    Superblock superblock = volume.superblock();
    if (inodeNr < superblock.firstInode() || inodeNr > volume.groups().inodesCount()) {
      throw corrupt(
          inodeNr,
          "number of an orphan",
          superblock.firstInode() + ".." + volume.groups().inodesCount(),
          Long.toString(inodeNr));
    }
    InodeBlock orphan = table.place(inodeNr);
    boolean good = false;
    try {
      InodeCheck.checkOrphan(
          orphan.inode(), inodeNr, volume.dataBlocks(), superblock.features(), volume.checksums());
      good = true;
      return orphan;
    } finally {
      if (!good) {
        orphan.buffer().close();
      }
    }
  }

  private void settle(InodeBlock orphan, Unlisting unlisting) throws IOException {
    Inode inode = orphan.inode();
    long next = inode.deletionTime();
    boolean delete = inode.linksCount() == 0;
    int blockSize = volume.groups().blockSizeBytes();
    if (Truncate.hasBlocks(inode)) {
      long keep = delete ? 0 : Math.ceilDiv(inode.size(), blockSize);
      if (!delete) {
        zeroTail(orphan, keep - 1);
      }
      ExtentTree tree = new ExtentTree(volume, inode, orphan.inodeNr());
      new Truncate(volume, orphan, tree, allocator).run(keep);
    }
    try (Handle handle = volume.journal().start(CREDITS)) {
      handle.access(orphan.buffer());
      if (delete) {
        attributes.run(handle, orphan);
        inode.size(0);
        inode.deletionTime(clock.instant().getEpochSecond());
        allocator.quotas().chargeInode(handle, allocator, orphan, -1);
        inodes.free(handle, orphan.inodeNr(), inode.kind() == FileKind.DIRECTORY);
        deleted++;
      } else {
        inode.deletionTime(0);
        truncated++;
      }
      orphan.changed(handle);
      unlisting.run(handle, next);
    }
  }

  /** What was behind the end must not come back when the file grows again. */
  private void zeroTail(InodeBlock orphan, long lastFileBlockNr) throws IOException {
    int blockSize = volume.groups().blockSizeBytes();
    int used = (int) (orphan.inode().size() % blockSize);
    if (used == 0) {
      return;
    }
    Inode inode = orphan.inode();
    FileMap map =
        inode.has(Inode.FLAG_EXTENTS)
            ? new ExtentTree(volume, inode, orphan.inodeNr())
            : new IndirectMap(volume, inode, orphan.inodeNr());
    ExtentRun run = new ExtentRun();
    map.lookUp(lastFileBlockNr, run);
    if (run.state != ExtentRun.State.WRITTEN || inode.kind() != FileKind.REGULAR) {
      return;
    }
    long byteOffset = (run.startBlockNr + (lastFileBlockNr - run.fileBlockNr)) * blockSize;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment block = arena.allocate(blockSize, Math.max(PAGE_BYTES, blockSize));
      volume.cache().io().readFully(byteOffset, block);
      block.asSlice(used).fill((byte) 0);
      volume.cache().io().write(byteOffset, block);
    }
  }

  private void storeSuperblock(Handle handle) throws IOException {
    Superblock superblock = volume.superblock();
    superblock.updateChecksum();
    try (MetadataBuffer block = volume.cache().get(volume.groups().superblockBlockNr())) {
      handle.access(block);
      MemorySegment.copy(
          superblock.memory(),
          superblock.base(),
          block.data(),
          volume.groups().superblockByteOffset(),
          Superblock.SIZE_BYTES);
      handle.dirty(block);
    }
  }

  private static CorruptStructureException corrupt(
      long inodeNr, String predicate, String expected, String found) {
    return new CorruptStructureException("orphan " + inodeNr, predicate, expected, found);
  }
}
