package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.dio.BlockMapping;
import dev.dioring.engine.dio.ConversionBatch;
import dev.dioring.engine.dio.DioFile;
import dev.dioring.engine.dio.FileCompletions;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A regular file in use, one object per inode however often it is open: what the direct-I/O layer
 * asks about it, and the work that follows a write.
 */
final class RegularFile implements DioFile {
  private static final Logger LOG = LoggerFactory.getLogger(RegularFile.class);

  private final VolumeContext volume;
  private final BlockDevice device;
  private final InodeBlock owner;

  /** Null once the content lies in blocks. Changed by the holder of the exclusive lock. */
  private volatile @Nullable InlineContent inline;

  private final StampedLock fields;
  private final LiveInode live;
  private final BlockAllocator allocator;

  /** Changed by the holder of the exclusive lock; means nothing while the content is inline. */
  private volatile FileLayout layout;

  private final FileCompletions completions;
  private final @Nullable DelayedWrite delayed;
  private final InodeLock lock = new InodeLock();
  private final WriteTime writeTime;

  /** Blocks that are about to be freed. Written under the exclusive lock. */
  private volatile @Nullable FileBlocks hidden;

  private final FileMapping mappings;
  private final VolumeErrors errors;
  private final int blockShift;

  /** Grows in {@link #convert}, under the fields' lock; read anywhere. */
  private volatile long sizeBytes;

  /**
   * Where the padding of the write under way starts: the size does not grow behind it. Set by the
   * holder of the exclusive lock.
   */
  private volatile long paddingStart = Long.MAX_VALUE;

  /** The last failure of a look-up or allocation, any thread's; only ever shown to people. */
  private volatile @Nullable IOException lastFailure;

  RegularFile(
      VolumeContext volume,
      LiveInode live,
      @Nullable InlineFile inline,
      FileServices services,
      InodeCache registry) {
    this.volume = volume;
    this.live = live;
    allocator = services.allocator();
    device = services.device();
    owner = live.block();
    this.inline = inline == null ? null : new InlineContent(this, inline, volume.journal());
    writeTime = new WriteTime(services.clock());
    mappings = new FileMapping(this, volume);
    fields = live.fieldLock();
    layout = FileLayout.of(volume, live, allocator);
    errors = services.errors();
    completions = new FileCompletions(this, services.deferred());
    blockShift = volume.groups().blockSizeShift();
    Writeback writeback = services.writeback();
    delayed =
        writeback == null ? null : new DelayedWrite(this, live, registry, writeback, services);
    sizeBytes = owner.inode().size();
  }

  FileLayout layout() {
    return layout;
  }

  InodeLock lock() {
    return lock;
  }

  InodeBlock owner() {
    return owner;
  }

  /** Sets the size, of the inode too; the caller holds the fields' lock and stores the inode. */
  void size(long bytes) {
    owner.inode().size(bytes);
    sizeBytes = bytes;
  }

  /** Lets reads end here, before the inode says so. The caller keeps writes out. */
  void endReadsAt(long bytes) {
    sizeBytes = bytes;
  }

  /**
   * Lets reads that begin from now on find a hole in these blocks, whatever lies there; null ends
   * it. Those that found it before may still be in flight. The caller has the exclusive lock.
   */
  void hide(@Nullable FileBlocks blocks) {
    hidden = blocks;
  }

  /** What reads must not find any more. Looked at after the request counts as in flight. */
  @Nullable FileBlocks hidden() {
    return hidden;
  }

  /** What waits to be written, or null where every write is made at once. */
  @Nullable DelayedWrite delayed() {
    return delayed;
  }

  /**
   * Whether content up to here may wait in memory: it must fit, with its last block, in extents.
   */
  boolean mayDelay(long endByteOffset) {
    return inline == null
        && owner.inode().has(Inode.FLAG_EXTENTS)
        && endByteOffset >= 0
        && endByteOffset <= layout.sizeBytesMax() - blockSizeBytes();
  }

  /**
   * Whether it is known, without reading, where a byte lies. If what says so is damaged, the write
   * that finds out should be one that is told.
   */
  boolean isMapInMemory(long byteOffset) {
    return layout.map().tryLookUp(byteOffset >>> blockShift, new ExtentRun()) == 0;
  }

  /** Writes what waits, before anything else is done with the content. Parks. */
  void flushDelayed() {
    DelayedWrite waits = delayed;
    if (waits != null) {
      waits.flush();
    }
  }

  /** Notes that data was written now. */
  void written() {
    writeTime.note();
  }

  /** Says where the padding of the write that follows starts, MAX_VALUE if it has none. */
  void padFrom(long byteOffset) {
    paddingStart = byteOffset;
  }

  /** When data was last written, if the inode does not have it yet, else null. */
  @Nullable Instant unstoredTime() {
    return writeTime.unstored();
  }

  /** Adds what was written to attributes that the inode does not have yet: time, size, space. */
  InodeAttributes withUnstored(InodeAttributes stored) {
    Instant written = unstoredTime();
    InodeAttributes all = written == null ? stored : stored.withWriteTime(owner.asStored(written));
    DelayedWrite waits = delayed;
    return waits == null ? all : waits.addTo(all);
  }

  /** Whether something waits to be written. */
  boolean hasDelayed() {
    DelayedWrite waits = delayed;
    return waits != null && waits.isPending();
  }

  /** The content if it lies in the inode or may come to, else null. */
  @Nullable InlineContent inline() {
    return inline;
  }

  /** The content lies in blocks from now on. The caller has the exclusive lock. */
  void isInBlocks() {
    layout = FileLayout.of(volume, live, allocator);
    inline = null;
  }

  /** Makes sure that the content lies in blocks. */
  void leaveInode() throws IOException {
    InlineContent now = inline;
    if (now != null) {
      now.leave();
    }
  }

  @Override
  public BlockDevice device() {
    return device;
  }

  @Override
  public int blockSizeBytes() {
    return volume.groups().blockSizeBytes();
  }

  /** No byte of it can lie behind this. */
  long sizeBytesMax() {
    return layout.sizeBytesMax();
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public FileCompletions completions() {
    return completions;
  }

  @Override
  public int map(
      Kiocb kiocb, long byteOffset, long lengthBytes, boolean mayBlock, BlockMapping mapping) {
    return mappings.map(kiocb, byteOffset, lengthBytes, mayBlock, mapping);
  }

  @Override
  public void convert(ConversionBatch batch) {
    new UnwrittenConverter(volume, owner, fields, layout.writer(), new Growth(), batch).run();
  }

  @Override
  public long endIo(Kiocb kiocb, long byteOffset, long transferredBytes, long result) {
    if (kiocb.isWrite()) {
      if (transferredBytes > 0 && (kiocb.flags() & Kiocb.KEEP_TIMES) == 0) {
        written();
      }
      if (result == -Errno.EIO) {
        LOG.warn(
            "inode {}: writing {} bytes at {} failed: what holds the image may be full or broken",
            owner.inodeNr(),
            kiocb.lengthBytes(),
            byteOffset);
      }
      if (kiocb.privateObject() instanceof LockMode mode) {
        kiocb.privateObject(null);
        mode.release(lock);
      }
    }
    return result;
  }

  @Override
  public int sync(boolean dataOnly) {
    try {
      if (!dataOnly) {
        storeTimes();
      }
      volume.journal().commit(owner.syncTransaction(dataOnly));
      return 0;
    } catch (IOException e) {
      return -Failures.errno(e);
    }
  }

  /**
   * Allocates the holes of a range as unwritten extents; {@code keepSize} leaves the size alone.
   *
   * @throws Ext4Exception EOPNOTSUPP, EFBIG
   */
  void fallocate(long byteOffset, long lengthBytes, boolean keepSize) throws IOException {
    leaveInode();
    requireExtents();
    long end = byteOffset + lengthBytes;
    if (end < 0 || end > layout.sizeBytesMax()) {
      throw new Ext4Exception("allocating for inode " + owner.inodeNr(), Errno.EFBIG, "");
    }
    long firstBlock = byteOffset >>> blockShift;
    long endBlock = (end + blockSizeBytes() - 1) >>> blockShift;
    alone(
        () -> {
          layout.filler().fill(firstBlock, endBlock);
          // The times change even where nothing else does.
          resize(keepSize ? sizeBytes : Math.max(end, sizeBytes));
        });
  }

  /** What is done to a file while nothing else is. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  /** Does something with the exclusive lock, and with nothing in flight. Parks. */
  void alone(Step step) throws IOException {
    lock.exclusive();
    try {
      completions.inFlight().await();
      step.run();
    } finally {
      lock.releaseExclusive();
    }
  }

  /** Refuses files that are mapped as in ext2 and ext3, which know no unwritten blocks. */
  void requireExtents() throws Ext4Exception {
    if (!layout.extents()) {
      throw new Ext4Exception(
          "changing a range of inode " + owner.inodeNr(),
          Errno.EOPNOTSUPP,
          "only files that are mapped by extents can be changed so");
    }
  }

  /**
   * Frees what was set aside for writes that failed. The caller has the exclusive lock, and nothing
   * is in flight.
   */
  void giveUpClaims() {
    layout.filler().giveUp();
  }

  /** Whether nothing is in flight, waits, or is only set aside, and the inode has all times. */
  boolean isSettled() {
    return completions.inFlight().count() == 0
        && writeTime.isStored()
        && !layout.filler().hasClaims()
        && !hasDelayed();
  }

  /** Whether a delayed write failed, and no sync has told so. */
  boolean hasFailure() {
    DelayedWrite waits = delayed;
    return waits != null && waits.hasFailure();
  }

  /** Waits for what is in flight and frees what is only set aside, before the file is forgotten. */
  void settle() throws IOException {
    completions.inFlight().await();
    if (layout.filler().hasClaims()) {
      alone(
          () -> {
            giveUpClaims();
          });
    }
  }

  /** Puts the time of the last write into the inode, if it is not there yet. */
  private void storeTimes() throws IOException {
    if (writeTime.isStored()) {
      return;
    }
    try (Handle handle = volume.journal().start(1)) {
      handle.access(owner.buffer());
      long stamp = fields.writeLock();
      try {
        takeWriteTime();
        owner.timesChanged(handle);
      } finally {
        fields.unlockWrite(stamp);
      }
    }
  }

  private void resize(long bytes) throws IOException {
    try (Handle handle = volume.journal().start(2)) {
      handle.access(owner.buffer());
      long stamp = fields.writeLock();
      try {
        allocator.noteSize(handle, bytes);
        size(bytes);
        writeTime.note();
        takeWriteTime();
        owner.changed(handle);
      } finally {
        fields.unlockWrite(stamp);
      }
    }
  }

  /** Whether who writes from now on may have blocks that are reserved. */
  void mayUseReserved(boolean may) {
    layout.filler().mayUseReserved(may);
  }

  /** As {@link LiveInode#takeTimes}, the time of the last write alone. */
  void takeWriteTime() {
    owner.growFields();
    writeTime.putInto(owner.inode());
  }

  /** The errno, negated, of a failure, which is kept for {@link #explain}. */
  int failed(IOException failure) {
    lastFailure = failure;
    return -errors.errno(owner.inodeNr(), failure);
  }

  /** Why a request gave this errno, as far as it is known; a hint for messages. */
  String explain(int errno) {
    IOException failure = lastFailure;
    return failure != null && Failures.errno(failure) == errno
        ? String.valueOf(failure.getMessage())
        : "";
  }

  private final class Growth implements UnwrittenConverter.Growth {
    @Override
    public void reached(long byteOffset) {
      long dataEnd = Math.min(byteOffset, paddingStart);
      if (dataEnd > sizeBytes) {
        size(dataEnd);
      }
    }

    @Override
    public int failed(IOException failure) {
      return errors.errno(owner.inodeNr(), failure);
    }

    @Override
    public void store(Handle handle) throws IOException {
      allocator.noteSize(handle, sizeBytes);
      takeWriteTime();
      owner.changed(handle);
    }
  }
}
