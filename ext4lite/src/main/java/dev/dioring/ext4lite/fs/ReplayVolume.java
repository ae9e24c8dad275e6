package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.dio.DeferredCompletions;
import dev.dioring.engine.dio.DirectIo;
import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.JournalInode;
import dev.dioring.ext4lite.journal.MemoryJournal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A volume whose metadata is changed in memory alone, before it is opened. Confined to a thread.
 */
final class ReplayVolume implements AutoCloseable {
  private static final long CACHE_BYTES = 64L << 20;

  private final Resources made;
  private final MemoryJournal journal = new MemoryJournal();
  private final VolumeContext context;
  private final InodeTable table;
  private final BlockAllocator allocator;
  private final InodeAllocator inodeNumbers;
  private final ChangeContext changes;

  private ReplayVolume(BlockDevice device, Clock clock, Arena arena, Resources made)
      throws IOException {
    this.made = made;
    String name = device.name();
    BlockIo io = new BlockIo(device);
    Superblock superblock = new SuperblockReader(io, name).read(arena);
    BlockGroups groups = BlockGroups.of(superblock);
    MetadataCache cache = made.own(new MetadataCache(io, groups.blockSizeBytes(), CACHE_BYTES));
    DataBlocks dataBlocks = new DataBlocks(groups);
    if (superblock.journalInodeNr() != 0) {
      JournalInode.map(io, superblock).reserve(dataBlocks, superblock.journalInodeNr());
    }
    made.own(journal);
    context =
        new VolumeContext(
            superblock, groups, dataBlocks, MetadataChecksums.of(superblock), cache, journal);
    GroupBitmaps bitmaps = made.own(new GroupBitmaps(context));
    table = new InodeTable(context, bitmaps);
    boolean kept = FeatureRules.whyUntouchable(superblock).isEmpty();
    Quotas quotas = made.own(Quotas.open(context, table, clock, kept, Ext4Options.NONE));
    allocator = new BlockAllocator(context, bitmaps, quotas, new Discards(io, groups, false));
    inodeNumbers = new InodeAllocator(context, bitmaps);
    VolumeErrors errors =
        new VolumeErrors(name, context, bitmaps.lock(), clock, OnError.CONTINUE, false, () -> {});
    VolumeReader reader =
        new VolumeReader(
            name,
            context,
            table,
            new FileServices(
                device,
                allocator,
                made.own(new DirectIo(device)),
                made.own(new DeferredCompletions(name, 1)),
                clock,
                errors,
                new AccessNotes(Behaviour.DEFAULT, false, clock),
                new SyncRules(Behaviour.DEFAULT),
                null,
                ""));
    OrphanList none = new OrphanList(context, bitmaps, null);
    changes =
        new ChangeContext(
            reader,
            allocator,
            inodeNumbers,
            none,
            new ReentrantLock(),
            clock,
            null,
            Ext4Options.NONE,
            "");
    reader.inodes().changes(changes);
  }

  /**
   * Opens the volume on a device, which is neither written nor closed.
   *
   * @param arena for its superblock
   */
  static ReplayVolume open(BlockDevice device, Clock clock, Arena arena) throws IOException {
    Resources made = new Resources();
    try {
      return new ReplayVolume(device, clock, arena, made);
    } catch (IOException | RuntimeException e) {
      made.closeAfter(e);
      throw e;
    }
  }

  MemoryJournal journal() {
    return journal;
  }

  VolumeContext context() {
    return context;
  }

  BlockAllocator allocator() {
    return allocator;
  }

  InodeAllocator inodeNumbers() {
    return inodeNumbers;
  }

  ChangeContext changes() {
    return changes;
  }

  /** The inodes that are waiting for {@link OrphanCleanup}. */
  Set<Long> orphans() throws IOException {
    Set<Long> all = new HashSet<>();
    long next = context.superblock().lastOrphanInodeNr();
    while (next != 0 && context.groups().isInode(next) && all.add(next)) {
      InodeBlock orphan = table.place(next);
      next = orphan.inode().deletionTime();
      orphan.buffer().close();
    }
    OrphanFile file = OrphanFile.find(context, table);
    for (int slot = 0; file != null && slot < file.slots(); slot++) {
      all.add(file.inodeNr(slot));
    }
    return all;
  }

  /** Where an inode that is in use by its bitmap lies, to be closed by the caller; else null. */
  @Nullable InodeBlock inUse(long inodeNr) throws IOException {
    if (!context.groups().isInode(inodeNr)) {
      return null;
    }
    try (Handle handle = journal.start(1)) {
      return inodeNumbers.isInUse(handle, inodeNr) ? table.place(inodeNr) : null;
    }
  }

  /** An inode that had no name has one now: it must say so before it can be used. */
  void revive(FastInode inode) throws IOException {
    InodeBlock block = table.place(inode.inodeNr());
    try (Handle handle = journal.start(1)) {
      if (block.inode().linksCount() == 0) {
        handle.access(block.buffer());
        block.inode().linksCount(inode.links());
        block.changed(handle);
      }
    } finally {
      block.buffer().close();
    }
  }

  @Override
  public void close() throws IOException {
    changes.inodes().residents().evictAll();
    made.close();
  }
}
