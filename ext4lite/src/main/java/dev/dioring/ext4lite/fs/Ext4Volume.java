package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.dio.DeferredCompletions;
import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.engine.dio.DirectIo;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Journal;
import dev.dioring.ext4lite.journal.NoJournal;
import dev.dioring.ext4lite.journal.ReadOnlyJournal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An ext4 volume that is open, in an image file or on a raw device. Thread-safe. */
public final class Ext4Volume implements AutoCloseable {
  private static final int DEFERRED_WORKERS = 8;

  private final String name;
  private final BlockDevice device;
  private final @Nullable ImageLock imageLock;
  private final Arena arena;
  private final VolumeContext context;
  private final GroupBitmaps bitmaps;
  private final BlockAllocator allocator;
  private final DeferredCompletions deferred;
  private final DirectIo engine;
  private final OpenFiles openFiles;
  private final SuperblockWriter superblockWriter;
  private final String readOnlyReason;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Ext4Volume(
      BlockDevice device, @Nullable ImageLock imageLock, Arena arena, VolumeOptions options)
      throws IOException {
    this.device = device;
    this.imageLock = imageLock;
    this.arena = arena;
    name = device.name();
    BlockIo io = new BlockIo(device);
    Superblock superblock = new SuperblockReader(io, name).read(arena);
    FeatureRules.requireReadable(name, superblock, options.noLoad());
    readOnlyReason =
        options.readOnly() ? "it is open read-only" : FeatureRules.whyReadOnly(superblock);
    BlockGroups groups = BlockGroups.of(superblock);
    MetadataCache cache = new MetadataCache(io, groups.blockSizeBytes(), options.cacheBytes());
    superblockWriter = new SuperblockWriter(io, superblock, options.clock());
    if (isWritable()) {
      superblockWriter.opened();
    }
    Journal journal =
        isWritable()
            ? new NoJournal(name, io, groups.blockSizeBytes())
            : new ReadOnlyJournal(name + " is read-only: " + readOnlyReason);
    context =
        new VolumeContext(superblock, groups, MetadataChecksums.of(superblock), cache, journal);
    bitmaps = new GroupBitmaps(context);
    allocator = new BlockAllocator(context, bitmaps);
    deferred = new DeferredCompletions(shortName(name), DEFERRED_WORKERS);
    engine = new DirectIo(device);
    openFiles =
        new OpenFiles(
            context, device, allocator, engine, deferred, options.clock(), readOnlyReason);
  }

  /**
   * Opens an image file or raw device. If it may not be written, for its features or because the
   * options say so, {@link #readOnlyReason} tells why.
   *
   * @throws IOException {@link Ext4Exception} or a block I/O error, with a message for users
   */
  public static Ext4Volume open(Path image, VolumeOptions options) throws IOException {
    ImageLock lock = ImageLock.take(image, !options.readOnly());
    BlockDevice device = null;
    try {
      OpenOptions deviceOptions = options.device().withReadOnly(options.readOnly());
      device = BlockDevices.open(image, deviceOptions);
      Ext4Volume volume = open(device, lock, options);
      device = null;
      lock = null;
      return volume;
    } finally {
      if (device != null) {
        device.close();
      }
      if (lock != null) {
        lock.close();
      }
    }
  }

  /** Opens the volume on a device, which it closes in the end. */
  public static Ext4Volume open(BlockDevice device, VolumeOptions options) throws IOException {
    return open(device, null, options);
  }

  private static Ext4Volume open(
      BlockDevice device, @Nullable ImageLock lock, VolumeOptions options) throws IOException {
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try {
      Ext4Volume volume = new Ext4Volume(device, lock, arena, options);
      opened = true;
      return volume;
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  /** The path of its image or device. */
  public String name() {
    return name;
  }

  public BlockDevice device() {
    return device;
  }

  public boolean isWritable() {
    return readOnlyReason.isEmpty();
  }

  /** Why nothing can be written, or an empty string. */
  public String readOnlyReason() {
    return readOnlyReason;
  }

  /** Counters of inline and deferred completions. */
  public DeferredStats deferredStats() {
    return deferred.stats();
  }

  /** Free blocks, reserved ones included. */
  public long freeBlocks() {
    return allocator.freeBlocks();
  }

  VolumeContext context() {
    return context;
  }

  /** An inode's place on disk, pinned; the caller closes its buffer. */
  InodeBlock inodeBlock(long inodeNr) throws IOException {
    BlockGroups groups = context.groups();
    if (!groups.isInode(inodeNr)) {
      throw new Ext4Exception("inode " + inodeNr + " of " + name, Errno.ENOENT, "out of range");
    }
    long table = bitmaps.descriptor(groups.groupOfInode(inodeNr)).inodeTableBlockNr();
    long blockNr = table + groups.inodeTableBlock(inodeNr);
    MetadataBuffer buffer = context.cache().get(blockNr);
    Inode inode =
        new Inode(buffer.data(), groups.inodeByteOffset(inodeNr), groups.inodeSizeBytes());
    return new InodeBlock(buffer, inode, inodeNr, context);
  }

  /**
   * Opens a regular file by its inode number for direct I/O.
   *
   * @throws Ext4Exception EINVAL or EISDIR if it is not one, EOPNOTSUPP if it is not mapped by
   *     extents, EROFS if it is to be written and cannot be
   */
  public Ext4File openFile(long inodeNr, boolean writable) throws IOException {
    String what = "opening inode " + inodeNr + " of " + name;
    if (writable && !isWritable()) {
      throw new Ext4Exception(what + " for writing", Errno.EROFS, readOnlyReason);
    }
    InodeBlock block = inodeBlock(inodeNr);
    boolean accepted = false;
    try {
      if (block.inode().kind() != FileKind.REGULAR) {
        throw new Ext4Exception(what, Errno.EINVAL, "it is not a regular file");
      }
      if (!block.inode().has(Inode.FLAG_EXTENTS) || block.inode().has(Inode.FLAG_INLINE_DATA)) {
        throw new Ext4Exception(
            what, Errno.EOPNOTSUPP, "direct I/O needs a file that is mapped by extents");
      }
      if (writable && block.inode().has(Inode.FLAG_IMMUTABLE)) {
        throw new Ext4Exception(what + " for writing", Errno.EPERM, "it is immutable");
      }
      if (block.inode().has(Inode.FLAG_ENCRYPT) || block.inode().has(Inode.FLAG_VERITY)) {
        throw new Ext4Exception(
            what, Errno.EOPNOTSUPP, "encrypted and verity files are not supported");
      }
      accepted = true;
      return openFiles.open(block, writable);
    } finally {
      if (!accepted) {
        block.buffer().close();
      }
    }
  }

  /** Makes everything that was written durable. */
  public void sync() throws IOException {
    deferred.drain();
    context.journal().commit();
  }

  /**
   * Unmounts: waits for I/O in flight and its deferred completions, stores what is dirty, and marks
   * the volume as valid. Open files must not be used any more. Idempotent.
   */
  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      deferred.awaitSubmissions();
      openFiles.drain();
      deferred.close();
      openFiles.evictAll();
      context.journal().close();
      if (isWritable()) {
        superblockWriter.closed(allocator.freeBlocks(), context.journal().abortErrno() != 0);
      }
    } finally {
      bitmaps.close();
      device.close();
      engine.close();
      superblockWriter.close();
      context.cache().close();
      arena.close();
      if (imageLock != null) {
        imageLock.close();
      }
    }
  }

  private static String shortName(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? path : path.substring(slash + 1);
  }
}
