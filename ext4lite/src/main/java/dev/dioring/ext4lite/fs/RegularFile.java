package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.dio.BlockMapping;
import dev.dioring.engine.dio.ConversionBatch;
import dev.dioring.engine.dio.DioFile;
import dev.dioring.engine.dio.FileCompletions;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import dev.dioring.ext4lite.journal.Handle;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
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

  private static final int MILLIS_PER_SECOND = 1000;
  private static final int NANOS_PER_MILLI = 1_000_000;

  private static final long STORED = Long.MIN_VALUE;

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
  private final Clock clock;
  private final VolumeErrors errors;
  private final int blockShift;

  /** Look-ups of the poller and of the threads that continue for it. */
  private final ThreadLocal<ExtentRun> runs = ThreadLocal.withInitial(ExtentRun::new);

  /** Grows in {@link #convert}, under the fields' lock; read anywhere. */
  private volatile long sizeBytes;

  /**
   * Where the padding of the write under way starts: the size does not grow behind it. Set by the
   * holder of the exclusive lock.
   */
  private volatile long paddingStart = Long.MAX_VALUE;

  /** When data was last written, in milliseconds, or {@link #STORED} if the inode has it. */
  private final AtomicLong unstoredMillis = new AtomicLong(STORED);

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
    clock = services.clock();
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

  /** What waits to be written, or null where every write is made at once. */
  @Nullable DelayedWrite delayed() {
    return delayed;
  }

  /** Whether content up to here may wait in memory: it must fit, into extents. */
  boolean mayDelay(long endByteOffset) {
    return inline == null
        && owner.inode().has(Inode.FLAG_EXTENTS)
        && endByteOffset >>> blockShift < ExtentNode.FILE_BLOCKS_MAX - 1;
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
    unstoredMillis.set(clock.millis());
  }

  /** Says where the padding of the write that follows starts, MAX_VALUE if it has none. */
  void padFrom(long byteOffset) {
    paddingStart = byteOffset;
  }

  /** When data was last written, if the inode does not have it yet, else null. */
  @Nullable Instant unstoredTime() {
    long millis = unstoredMillis.get();
    return millis == STORED ? null : Instant.ofEpochMilli(millis);
  }

  /** Adds what was written to attributes that the inode does not have yet: time, size, space. */
  InodeAttributes withUnstored(InodeAttributes stored) {
    Instant written = unstoredTime();
    InodeAttributes all = written == null ? stored : stored.withWriteTime(written);
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
    long fileBlockNr = byteOffset >>> blockShift;
    ExtentRun run = runs.get();
    int result = lookUp(fileBlockNr, mayBlock, run);
    if (result != 0) {
      return result;
    }
    if (!kiocb.isWrite()) {
      return answer(run, state(run), 0, mapping);
    }
    if (byteOffset + lengthBytes > layout.sizeBytesMax()) {
      return -Errno.EFBIG;
    }
    if (run.state == ExtentRun.State.HOLE) {
      if (!mayBlock) {
        return -Errno.EAGAIN;
      }
      result = allocate(fileBlockNr, byteOffset + lengthBytes);
      if (result != 0) {
        return result;
      }
      result = lookUp(fileBlockNr, true, run);
      if (result != 0) {
        return result;
      }
    }
    boolean grows =
        (kiocb.flags() & Kiocb.KEEP_SIZE) == 0
            && kiocb.position() + kiocb.lengthBytes() > sizeBytes;
    boolean unwritten = run.state == ExtentRun.State.UNWRITTEN;
    int flags = grows || unwritten ? BlockMapping.DEFER_COMPLETION : 0;
    if (grows || !volume.journal().isDurable(owner.syncTransaction(true))) {
      flags |= BlockMapping.DIRTY_METADATA;
    }
    return answer(run, state(run), flags, mapping);
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
    lock.exclusive();
    try {
      completions.inFlight().await();
      layout.filler().fill(firstBlock, endBlock);
      // The times change even where nothing else does.
      resize(keepSize ? sizeBytes : Math.max(end, sizeBytes));
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

  /** Waits for what is in flight and frees what is only set aside, before the file is forgotten. */
  void settle() throws IOException {
    completions.inFlight().await();
    if (layout.filler().hasClaims()) {
      lock.exclusive();
      try {
        completions.inFlight().await();
        giveUpClaims();
      } finally {
        lock.releaseExclusive();
      }
    }
  }

  /** Puts the time of the last write into the inode, if it is not there yet. */
  void storeTimes() throws IOException {
    if (unstoredMillis.get() == STORED) {
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
        unstoredMillis.set(clock.millis());
        takeWriteTime();
        owner.changed(handle);
      } finally {
        fields.unlockWrite(stamp);
      }
    }
  }

  /** As {@link LiveInode#takeWriteTime}. */
  void takeWriteTime() {
    long millis = unstoredMillis.getAndSet(STORED);
    if (millis != STORED) {
      long seconds = Math.floorDiv(millis, MILLIS_PER_SECOND);
      int nanos = Math.floorMod(millis, MILLIS_PER_SECOND) * NANOS_PER_MILLI;
      owner.inode().time(InodeStamp.MODIFICATION, seconds, nanos);
      owner.inode().time(InodeStamp.CHANGE, seconds, nanos);
    }
  }

  private int lookUp(long fileBlockNr, boolean mayBlock, ExtentRun run) {
    int result = layout.map().tryLookUp(fileBlockNr, run);
    if (result == -Errno.EAGAIN && mayBlock) {
      try {
        layout.map().lookUp(fileBlockNr, run);
        return 0;
      } catch (IOException e) {
        LOG.debug("inode {}: {}", owner.inodeNr(), e.getMessage());
        return failed(e);
      }
    }
    return result;
  }

  private int allocate(long fileBlockNr, long endByteOffset) {
    long endBlock = (endByteOffset + blockSizeBytes() - 1) >>> blockShift;
    try {
      layout.filler().fill(fileBlockNr, endBlock);
      return 0;
    } catch (IOException e) {
      return failed(e);
    }
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

  private static BlockMapping.State state(ExtentRun run) {
    return switch (run.state) {
      case HOLE -> BlockMapping.State.HOLE;
      case WRITTEN -> BlockMapping.State.MAPPED;
      case UNWRITTEN -> BlockMapping.State.UNWRITTEN;
    };
  }

  private int answer(ExtentRun run, BlockMapping.State state, int flags, BlockMapping mapping) {
    // A hole may reach to the last number there is.
    long end = Math.min(run.endFileBlockNr(), Long.MAX_VALUE >>> blockShift);
    mapping.set(
        state,
        run.fileBlockNr << blockShift,
        (end - run.fileBlockNr) << blockShift,
        run.startBlockNr << blockShift,
        flags);
    return 0;
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
