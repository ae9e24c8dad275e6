package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeCheck;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes, changes and deletes the inodes that fast commits name. */
final class FastInodeReplay {
  private static final int CREDITS = 64;
  private static final int GENERATION_OFFSET = Inode.BLOCK_OFFSET + Inode.BLOCK_BYTES;

  private final ReplayVolume replay;
  private final VolumeContext volume;
  private final ChangeContext changes;
  private final InodeAllocator numbers;
  private final BlockAllocator allocator;
  private final Iterable<FastInode> inodes;

  /** Those that stay, referred to until the volume is closed. */
  private final Map<Long, LiveInode> live = new LinkedHashMap<>();

  FastInodeReplay(ReplayVolume replay, FastCommitModel model) {
    this.replay = replay;
    volume = replay.context();
    changes = replay.changes();
    numbers = replay.inodeNumbers();
    allocator = replay.allocator();
    inodes = model.inodes();
  }

  /** An inode that stays, or null if it is gone or left to {@link OrphanCleanup}. */
  @Nullable LiveInode live(long inodeNr) {
    return live.get(inodeNr);
  }

  /** Frees what is not in use any more: deleted inodes, and what lies elsewhere now. */
  void free() throws IOException {
    for (FastInode inode : inodes) {
      boolean deleted = inode.links() == 0 || inode.isNew();
      if (!inode.wasInUse() || (deleted && inode.isOrphan() && inode.links() == 0)) {
        continue;
      }
      if (deleted && inode.isOrphan()) {
        throw broken(inode, "number that is in use again", "no orphan's", "an orphan's");
      }
      if (deleted && inode.inodeNr() == Ext4Inode.ROOT_NR) {
        throw broken(inode, "the root", "as it was", "deleted");
      }
      replay.revive(inode);
      LiveInode found = changes.inodes().acquire(inode.inodeNr());
      if (deleted) {
        try (Handle handle = changes.start(1)) {
          changes.change(handle, found, i -> i.linksCount(0));
        }
        new InodeRemoval(changes).delete(found);
        found.block().buffer().close();
      } else {
        live.put(inode.inodeNr(), found);
        unmap(inode, found);
      }
    }
  }

  private void unmap(FastInode inode, LiveInode found) throws IOException {
    Inode fields = inode.fields();
    boolean mapped = Truncate.hasBlocks(found.inode());
    boolean staysMapped = fields == null || Truncate.hasBlocks(fields);
    if (fields != null && fields.kind() != found.kind()) {
      throw broken(inode, "kind of file", found.kind().toString(), "" + fields.kind());
    }
    if (inode.isDirectory()) {
      return;
    }
    if (!mapped && staysMapped && fields != null && found.view().isInline()) {
      new InlineFile(changes, found).empty();
    } else if (mapped && !staysMapped) {
      new Truncate(volume, found.block(), found.tree(), allocator).run(0);
    } else if (mapped) {
      for (FastInode.Range range : inode.ranges()) {
        unmap(found, range);
      }
    }
  }

  private void unmap(LiveInode found, FastInode.Range range) throws IOException {
    MapWriter writer = writer(found);
    long end = range.endFileBlockNr();
    for (long at = range.fileBlockNr(); at < end; ) {
      try (Handle handle = changes.start(CREDITS)) {
        long stamp = found.fieldLock().writeLock();
        try {
          at = writer.remove(handle, at, end);
        } finally {
          found.fieldLock().unlockWrite(stamp);
        }
      }
    }
  }

  /** Stores the fields of all, and takes the numbers of new ones. */
  void store() throws IOException {
    for (FastInode inode : inodes) {
      Inode fields = inode.fields();
      LiveInode present = live.get(inode.inodeNr());
      if (inode.links() == 0) {
        continue;
      }
      if (inode.isDirectory() && inode.links() > 1) {
        throw broken(inode, "names of a directory", "one", Integer.toString(inode.links()));
      }
      try (Handle handle = changes.start(CREDITS)) {
        if (fields == null) {
          countNames(handle, inode, present);
        } else if (present == null) {
          live.put(inode.inodeNr(), make(handle, inode, fields));
        } else {
          change(handle, inode, fields, present);
        }
        if (fields != null && !inode.isDirectory()) {
          allocator.noteSize(handle, fields.size());
        }
      }
    }
  }

  private void countNames(Handle handle, FastInode inode, @Nullable LiveInode present) {
    if (present != null && !inode.isDirectory()) {
      changes.change(handle, present, i -> i.linksCount(inode.links()));
    }
  }

  private LiveInode make(Handle handle, FastInode inode, Inode fields) throws IOException {
    int extra = fields.extraBytes();
    if (extra > fields.recordBytes() - Inode.BASE_BYTES) {
      throw broken(inode, "i_extra_isize", "within the inode", Integer.toString(extra));
    }
    if (fields.attributeBlockNr() != 0) {
      throw broken(inode, "i_file_acl of a new inode", "0", "" + fields.attributeBlockNr());
    }
    boolean directory = inode.isDirectory();
    InodeBlock block = numbers.take(handle, inode.inodeNr(), directory);
    Inode made = block.inode();
    copy(fields, 0, made, inode.fieldBytes());
    boolean huge = volume.superblock().has(Feature.HUGE_FILE);
    boolean unused = made.sectors(0, huge, volume.groups().blockSizeBytes());
    made.deletionTime(0);
    if (directory) {
      // Its names are added one by one.
      made.flags(made.flags() & ~(Inode.FLAG_INDEX | Inode.FLAG_INLINE_DATA));
      made.size(0);
      made.linksCount(2);
      int from = Inode.BASE_BYTES + made.extraBytes();
      made.memory().asSlice(made.byteOffset() + from, made.recordBytes() - from).fill((byte) 0);
    } else {
      made.linksCount(inode.links());
    }
    if (Truncate.hasBlocks(made)) {
      InlineFile.mapBlock(made, made.has(Inode.FLAG_EXTENTS) || extents(directory), 0);
    }
    block.changed(handle);
    check(block);
    allocator.quotas().chargeInode(handle, allocator, block, 1);
    return changes.inodes().insert(block);
  }

  private boolean extents(boolean directory) {
    return directory && volume.superblock().has(Feature.EXTENTS);
  }

  private void check(InodeBlock block) throws CorruptStructureException {
    InodeCheck.check(
        block.inode(),
        block.inodeNr(),
        volume.dataBlocks(),
        volume.superblock().features(),
        volume.checksums());
  }

  /** Takes over all fields but those that say where things lie. */
  private void change(Handle handle, FastInode inode, Inode fields, LiveInode present)
      throws CorruptStructureException {
    Inode now = present.inode();
    handle.access(present.block().buffer());
    long stamp = present.fieldLock().writeLock();
    try {
      boolean huge = volume.superblock().has(Feature.HUGE_FILE);
      int blockSizeBytes = volume.groups().blockSizeBytes();
      long sectors = now.sectors(huge, blockSizeBytes);
      long attributes = now.attributeBlockNr();
      long size = now.size();
      int links = inode.isDirectory() ? now.linksCount() : inode.links();
      long next = inode.isOrphan() ? now.deletionTime() : 0;
      int kept = inode.isDirectory() ? Inode.FLAG_INDEX | Inode.FLAG_INLINE_DATA : 0;
      if (Truncate.hasBlocks(now)) {
        kept |= Inode.FLAG_EXTENTS;
      }
      int flags = (fields.flags() & ~kept) | (now.flags() & kept);
      boolean moves = !Truncate.hasBlocks(fields) && !inode.isDirectory();
      allocator
          .quotas()
          .transfer(
              handle,
              allocator,
              present.block(),
              () -> {
                copy(fields, 0, now, moves ? GENERATION_OFFSET : Inode.BLOCK_OFFSET);
                copy(fields, GENERATION_OFFSET, now, inode.fieldBytes());
                now.flags(flags);
                boolean unused = now.sectors(sectors, huge, blockSizeBytes);
              });
      now.attributeBlockNr(attributes);
      now.linksCount(links);
      now.deletionTime(next);
      if (inode.isDirectory()) {
        now.size(size);
      }
      present.block().changed(handle);
      check(present.block());
    } finally {
      present.fieldLock().unlockWrite(stamp);
    }
  }

  private static void copy(Inode from, int start, Inode to, int end) {
    MemorySegment.copy(
        from.memory(),
        from.byteOffset() + start,
        to.memory(),
        to.byteOffset() + start,
        end - start);
  }

  /** Marks the blocks of all ranges as in use. */
  void take() throws IOException {
    for (FastInode inode : inodes) {
      LiveInode owner = live.get(inode.inodeNr());
      if (owner == null || inode.isDirectory() || !Truncate.hasBlocks(owner.inode())) {
        continue;
      }
      Set<Long> taken = new HashSet<>();
      for (FastInode.Range range : inode.ranges()) {
        if (!range.isHole()) {
          take(owner, range, taken);
        }
      }
    }
  }

  private void take(LiveInode owner, FastInode.Range range, Set<Long> taken) throws IOException {
    SharedClusters clusters = new SharedClusters(volume.groups(), owner.tree());
    try (Handle handle = changes.start(CREDITS)) {
      long stamp = owner.fieldLock().writeLock();
      try {
        if (clusters.ratio() == 1) {
          allocator.takeExactly(handle, range.startBlockNr(), range.lengthBlocks());
          allocator.charge(handle, owner.block(), range.lengthBlocks());
        } else {
          takeClusters(handle, owner, range, clusters, taken);
        }
        owner.block().changed(handle);
      } finally {
        owner.fieldLock().unlockWrite(stamp);
      }
    }
  }

  /** Those that have no other block of the file. */
  private void takeClusters(
      Handle handle,
      LiveInode owner,
      FastInode.Range range,
      SharedClusters clusters,
      Set<Long> taken)
      throws IOException {
    long shift = range.startBlockNr() - range.fileBlockNr();
    long first = clusters.floor(range.fileBlockNr());
    for (long at = first; at < range.endFileBlockNr(); at += clusters.ratio()) {
      if (clusters.place(at) == 0 && taken.add(at + shift)) {
        allocator.takeExactly(handle, at + shift, clusters.ratio());
        allocator.charge(handle, owner.block(), 1);
      }
    }
  }

  /** Maps all ranges. */
  void map() throws IOException {
    for (FastInode inode : inodes) {
      LiveInode owner = live.get(inode.inodeNr());
      if (owner != null && !inode.isDirectory() && Truncate.hasBlocks(owner.inode())) {
        for (FastInode.Range range : inode.ranges()) {
          if (!range.isHole()) {
            map(owner, range);
          }
        }
      }
    }
  }

  private void map(LiveInode owner, FastInode.Range range) throws IOException {
    MapWriter writer = writer(owner);
    // A range must not go across the nodes of a block map.
    long step = owner.inode().has(Inode.FLAG_EXTENTS) ? ExtentNode.UNWRITTEN_BLOCKS_MAX : 1;
    for (long at = range.fileBlockNr(); at < range.endFileBlockNr(); at += step) {
      long end = Math.min(at + step, range.endFileBlockNr());
      FastInode.Range part = range.part(at, end);
      try (Handle handle = changes.start(CREDITS)) {
        long stamp = owner.fieldLock().writeLock();
        try {
          writer.insert(
              handle, at, (int) part.lengthBlocks(), part.startBlockNr(), part.unwritten());
          owner.block().changed(handle);
        } finally {
          owner.fieldLock().unlockWrite(stamp);
        }
      }
    }
  }

  private MapWriter writer(LiveInode owner) {
    return MapWriter.of(volume, owner.block(), owner.tree(), allocator);
  }

  private static CorruptStructureException broken(
      FastInode inode, String predicate, String expected, String found) {
    return new CorruptStructureException(
        "inode " + inode.inodeNr() + " in a fast commit", predicate, expected, found);
  }
}
