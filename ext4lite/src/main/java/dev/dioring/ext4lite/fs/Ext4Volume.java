package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.Attachment;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.CountingBlockDevice;
import dev.dioring.engine.block.ManyRingsDevice;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.block.UnflushedBlockDevice;
import dev.dioring.engine.dio.DeferredCompletions;
import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.engine.dio.DirectIo;
import dev.dioring.engine.ring.Poller;
import dev.dioring.ext4lite.buffer.CacheStats;
import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Journal;
import dev.dioring.ext4lite.journal.JournalPlace;
import dev.dioring.ext4lite.journal.JournalRecovery;
import dev.dioring.ext4lite.journal.JournalStats;
import dev.dioring.ext4lite.journal.LoggedJournal;
import dev.dioring.ext4lite.journal.NoJournal;
import dev.dioring.ext4lite.journal.ReadOnlyJournal;
import dev.dioring.ext4lite.journal.Recovered;
import dev.dioring.ext4lite.journal.UnsupportedJournalException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** An ext4 volume that is open, in an image file or on a raw device. Thread-safe. */
public final class Ext4Volume implements AutoCloseable {
  private static final int DEFERRED_WORKERS = 8;

  private final String name;

  /** More blocks than most changes of names and attributes touch. */
  private static final int CHANGE_CREDITS = 64;

  /** Whether changes of names wait until they are durable. */
  private final boolean changesAreSynced;

  /** Null where nothing is written later. */
  private final @Nullable Writeback writeback;

  private final ExternalJournal externalJournal;

  private final ManyRingsDevice device;
  private final @Nullable ImageLock imageLock;
  private final Arena arena;
  private final VolumeContext context;
  private final GroupBitmaps bitmaps;
  private final Quotas quotas;
  private final VolumeErrors errors;
  private final BlockAllocator allocator;
  private final DeferredCompletions deferred;
  private final DirectIo engine;
  private final SuperblockWriter superblockWriter;
  private final VolumeReader reader;
  private final InodeAllocator inodeAllocator;
  private final OrphanList orphans;
  private final Ext4Namespace namespace;
  private final String whyNotWritable;
  private final String readOnlyReason;
  private final List<String> warnings;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Opens the volume on a device.
   *
   * @param made receives what has to be closed if this fails, in the order it was made
   */
  private Ext4Volume(
      BlockDevice device,
      @Nullable ImageLock imageLock,
      VolumeOptions options,
      Deque<AutoCloseable> made)
      throws IOException {
    this.imageLock = imageLock;
    arena = own(made, Arena.ofShared());
    name = device.name();
    externalJournal = own(made, ExternalJournal.open(options));
    Recovered recovered = recover(device, externalJournal, options, arena);
    Superblock superblock = new SuperblockReader(new BlockIo(recovered.device()), name).read(arena);
    CountingBlockDevice counting = new CountingBlockDevice(recovered.device());
    BlockDevice flushed =
        options.behaviour().flushes(superblock) ? counting : new UnflushedBlockDevice(counting);
    // Metadata goes by the device's own ring: whoever waits for it may be a thread with another.
    BlockIo io = new BlockIo(flushed);
    this.device = new ManyRingsDevice(flushed);
    warnings = FeatureRules.warnings(superblock, recovered);
    whyNotWritable =
        recovered.readOnlyReason().isEmpty()
            ? FeatureRules.whyReadOnly(superblock)
            : recovered.readOnlyReason();
    readOnlyReason = whyReadOnly(device, options, whyNotWritable);
    BlockGroups groups = BlockGroups.of(superblock);
    MetadataCache cache =
        own(made, new MetadataCache(io, groups.blockSizeBytes(), options.cacheBytes()));
    superblockWriter = new SuperblockWriter(io, superblock, options, counting::writtenBytes);
    DataBlocks dataBlocks = new DataBlocks(groups);
    Journal journal = own(made, openJournal(io, superblock, dataBlocks, options));
    context =
        new VolumeContext(
            superblock, groups, dataBlocks, MetadataChecksums.of(superblock), cache, journal);
    bitmaps = own(made, new GroupBitmaps(context));
    errors =
        new VolumeErrors(
            name,
            context,
            bitmaps.lock(),
            options.clock(),
            options.behaviour().onError(superblock),
            isWritable(),
            () -> Runtime.getRuntime().halt(1));
    InodeTable table = new InodeTable(context, bitmaps);
    quotas = own(made, Quotas.open(context, table, options.clock(), isWritable()));
    Discards discards = new Discards(io, groups, options.behaviour().discards(superblock));
    allocator = new BlockAllocator(context, bitmaps, quotas, discards);
    deferred = own(made, new DeferredCompletions(shortName(name), DEFERRED_WORKERS));
    engine = own(made, new DirectIo(this.device));
    writeback =
        mayDelay(superblock)
            ? own(made, new Writeback(shortName(name), allocator, groups.blockSizeShift()))
            : null;
    reader =
        new VolumeReader(
            name,
            context,
            table,
            new FileServices(
                this.device,
                allocator,
                engine,
                deferred,
                options.clock(),
                errors,
                new AccessNotes(options.behaviour(), isWritable(), options.clock()),
                new SyncRules(options.behaviour()),
                writeback,
                readOnlyReason));
    Behaviour behaviour = options.behaviour();
    changesAreSynced = behaviour.syncAll() || behaviour.syncDirectories();
    inodeAllocator = new InodeAllocator(context, bitmaps);
    OrphanFile orphanFile = isWritable() ? OrphanFile.find(context, table) : null;
    orphans = new OrphanList(context, bitmaps, orphanFile);
    ChangeContext changes =
        new ChangeContext(
            reader,
            allocator,
            inodeAllocator,
            orphans,
            new ReentrantLock(),
            options.clock(),
            writeback,
            readOnlyReason);
    reader.inodes().changes(changes);
    if (isWritable()) {
      reader.inodes().removal(new InodeRemoval(changes));
    }
    namespace = new Ext4Namespace(this, changes);
    requireRoot();
    if (isWritable()) {
      boolean leftBehind = superblock.has(Feature.ORPHAN_PRESENT);
      superblockWriter.opened();
      new OrphanCleanup(context, table, allocator, inodeAllocator, options.clock())
          .run(leftBehind ? orphanFile : null);
    }
  }

  private static <T extends AutoCloseable> T own(Deque<AutoCloseable> made, T resource) {
    made.push(resource);
    return resource;
  }

  /** Recovers from the journal, in place if everything allows it, before all else is read. */
  private static Recovered recover(
      BlockDevice device, ExternalJournal external, VolumeOptions options, Arena arena)
      throws IOException {
    if (options.noLoad()) {
      return Recovered.nothing(device);
    }
    Superblock found = new SuperblockReader(new BlockIo(device), device.name()).read(arena);
    boolean inPlace =
        !options.readOnly()
            && !device.geometry().readOnly()
            && FeatureRules.whyUntouchable(found).isEmpty();
    FastCommitReplay fastCommits = new FastCommitReplay(options.clock());
    JournalPlace place = external.placeFor(found);
    return JournalRecovery.recover(device, found, inPlace, place, fastCommits, arena);
  }

  private static String whyReadOnly(
      BlockDevice device, VolumeOptions options, String whyNotWritable) {
    if (options.readOnly()) {
      return "it is open read-only";
    }
    return device.geometry().readOnly() ? "its device is read-only" : whyNotWritable;
  }

  private Journal openJournal(
      BlockIo io, Superblock superblock, DataBlocks dataBlocks, VolumeOptions options)
      throws IOException {
    if (!isWritable()) {
      return new ReadOnlyJournal(name + " is read-only: " + readOnlyReason);
    }
    int blockSizeBytes = dataBlocks.groups().blockSizeBytes();
    if (!superblock.has(Feature.HAS_JOURNAL)) {
      return new NoJournal(name, io, blockSizeBytes, options.commitNanos(), this::journalFailed);
    }
    JournalPlace place = externalJournal.placeFor(superblock);
    if (place == null) {
      place = JournalPlace.internal(io, superblock);
      place.map().reserve(dataBlocks, superblock.journalInodeNr());
    } else if (!options.behaviour().flushes(superblock)) {
      place = place.through(new BlockIo(new UnflushedBlockDevice(place.io().device())));
    }
    int extraCredits = superblock.has(Feature.QUOTA) ? Quotas.CREDITS : 0;
    return new LoggedJournal(
        name,
        io,
        place,
        blockSizeBytes,
        options.commitNanos(),
        options.clock(),
        extraCredits,
        this::journalFailed);
  }

  private void journalFailed(IOException cause) {
    Objects.requireNonNull(errors, "made before anything is changed").journalFailed(cause);
  }

  private void requireRoot() throws IOException {
    Ext4Inode root = reader.inode(Ext4Inode.ROOT_NR);
    if (!root.isDirectory()) {
      throw new CorruptStructureException(
          "inode " + Ext4Inode.ROOT_NR, "kind of the root", "DIRECTORY", root.kind().toString());
    }
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
    Deque<AutoCloseable> made = new ArrayDeque<>();
    try {
      return new Ext4Volume(device, lock, options, made);
    } catch (CorruptStructureException e) {
      closeAll(made, e);
      throw new Ext4Exception(
          "opening " + device.name(), Errno.EUCLEAN, e.getMessage() + "; e2fsck can repair it");
    } catch (UnsupportedJournalException e) {
      closeAll(made, e);
      throw Failures.explain("opening " + device.name(), e);
    } catch (IOException | RuntimeException e) {
      closeAll(made, e);
      throw e;
    }
  }

  private static void closeAll(Deque<AutoCloseable> made, Exception failure) {
    for (AutoCloseable resource : made) {
      try {
        resource.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }

  /**
   * Has the data I/O that a poller's thread submits, without waiting, go through that poller's
   * ring. The poller must outlive the volume.
   *
   * @return whether the device allows that, or takes no ring at all
   */
  public Attachment attach(Poller poller) {
    return device.attach(poller);
  }

  /** Whether a change of names or attributes would not wait for the journal now. */
  public boolean admitsChanges() {
    return !changesAreSynced && context.journal().admits(CHANGE_CREDITS);
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

  /** Why the image itself cannot be written, however it was opened, or an empty string. */
  public String whyNotWritable() {
    return whyNotWritable;
  }

  /** Counters of inline and deferred completions. */
  public DeferredStats deferredStats() {
    return deferred.stats();
  }

  /** Counters of the completions, the cache and the journal; they can be read after the end too. */
  public VolumeStats stats() {
    CacheStats cache = context.cache().stats();
    JournalStats journal = context.journal().stats();
    return new VolumeStats(
        deferred.stats(),
        new VolumeStats.Cache(
            cache.hits(), cache.misses(), cache.evictions(), cache.bytes(), cache.limitBytes()),
        new VolumeStats.Journal(
            journal.commits(),
            journal.handles(),
            journal.blocksCommitted(),
            journal.checkpoints(),
            journal.blocksCheckpointed(),
            journal.logBlocks(),
            journal.logBlocksFree()),
        reader.inodes().count(),
        device.inFlight());
  }

  /** Free blocks, reserved ones included. */
  public long freeBlocks() {
    return allocator.freeBlocks();
  }

  VolumeReader reader() {
    return reader;
  }

  BlockAllocator allocator() {
    return allocator;
  }

  VolumeContext context() {
    return context;
  }

  /** What a user should know about the state of the volume, a sentence each. */
  public List<String> warnings() {
    return warnings;
  }

  /** The superblock, for display. */
  public Superblock superblock() {
    return context.superblock();
  }

  /** How full it is. */
  public VolumeUsage usage() throws IOException {
    Superblock superblock = context.superblock();
    long journalBlocks = 0;
    if (VolumeUsage.needsJournal(superblock)) {
      long bytes = inode(superblock.journalInodeNr()).sizeBytes();
      journalBlocks = bytes >>> context.groups().blockSizeShift();
    }
    return VolumeUsage.of(
        superblock,
        context.groups(),
        journalBlocks,
        allocator.freeBlocks(),
        inodeAllocator.freeInodes());
  }

  /** The files by inode number and names of bytes, and the way to change them. */
  public Ext4Namespace namespace() {
    return namespace;
  }

  /** The root directory. */
  public Ext4Inode root() throws IOException {
    return inode(Ext4Inode.ROOT_NR);
  }

  /**
   * An inode by its number.
   *
   * @throws Ext4Exception ENOENT if there is none, EUCLEAN if it is corrupt or not in use, EIO
   */
  public Ext4Inode inode(long inodeNr) throws Ext4Exception {
    try {
      return reader.inode(inodeNr);
    } catch (IOException e) {
      throw errors.explain("reading inode " + inodeNr + " of " + name, inodeNr, e);
    }
  }

  /** Follows a path from the root directory, through all symbolic links. */
  public Ext4Inode resolve(String path) throws Ext4Exception {
    return resolve(path, true);
  }

  /**
   * Follows a path from the root directory. A path that does not start with a slash starts there
   * too.
   *
   * @param followLast whether to follow a symbolic link that is the last part
   * @throws Ext4Exception ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EUCLEAN, EIO
   */
  public Ext4Inode resolve(String path, boolean followLast) throws Ext4Exception {
    try {
      return new PathResolver(reader, path, followLast).resolve();
    } catch (IOException e) {
      throw errors.explain(path + " in " + name, 0, e);
    }
  }

  /**
   * Opens a regular file by its inode number for direct I/O.
   *
   * @throws Ext4Exception as {@link #openFile(Ext4Inode, boolean)}
   */
  public Ext4File openFile(long inodeNr, boolean writable) throws Ext4Exception {
    return openFile(inode(inodeNr), writable);
  }

  /**
   * Opens a regular file for direct I/O.
   *
   * @throws Ext4Exception EINVAL if it is not one, EROFS or EPERM if it is to be written and must
   *     not be, ENOKEY if it is encrypted
   */
  public Ext4File openFile(Ext4Inode file, boolean writable) throws Ext4Exception {
    return openFile(file, writable, false);
  }

  Ext4File openToAppend(long inodeNr) throws Ext4Exception {
    return openFile(inode(inodeNr), true, true);
  }

  private Ext4File openFile(Ext4Inode file, boolean writable, boolean appends)
      throws Ext4Exception {
    String what = "opening inode " + file.inodeNr() + " of " + name;
    try {
      OpenRules.require(file, writable, appends, readOnlyReason, what);
      LiveInode live = reader.inodes().acquire(file.inodeNr());
      try {
        return reader.inodes().open(live, writable);
      } finally {
        reader.inodes().release(live);
      }
    } catch (IOException e) {
      throw errors.explain(what, file.inodeNr(), e);
    }
  }

  /**
   * Tells the device which blocks are free.
   *
   * @param byteOffset where to start
   * @param lengthBytes how much of the volume to go through; what is behind its end does not count
   * @param runBytesMin shorter runs of free blocks are left alone
   * @param stops asked now and then; what was not reached is left alone
   * @return bytes that were free
   * @throws Ext4Exception EOPNOTSUPP on a device without discard, EROFS, EINVAL
   */
  public long trim(long byteOffset, long lengthBytes, long runBytesMin, BooleanSupplier stops)
      throws Ext4Exception {
    String what = "discarding what is free of " + name;
    if (!isWritable()) {
      throw new Ext4Exception(what, Errno.EROFS, readOnlyReason);
    }
    if (!device.geometry().discard()) {
      throw new Ext4Exception(what, Errno.EOPNOTSUPP, "its device has no discard");
    }
    BlockGroups groups = context.groups();
    int shift = groups.blockSizeShift();
    long first = Math.max(byteOffset >>> shift, groups.firstDataBlock());
    long lengthBlocks = lengthBytes >>> shift;
    long clusterBytes = (long) groups.blocksPerCluster() << shift;
    long runClustersMin = Math.max(1, Math.ceilDiv(runBytesMin, clusterBytes));
    if (first >= groups.blocksCount()
        || lengthBlocks == 0
        || runClustersMin > groups.clustersPerGroup()) {
      throw new Ext4Exception(what, Errno.EINVAL, byteOffset + " + " + lengthBytes);
    }
    long end = Math.min(groups.blocksCount() - first, lengthBlocks) + first;
    try {
      return new Trim(context, allocator, (int) runClustersMin, stops).run(first, end);
    } catch (IOException e) {
      throw Failures.explain(what, e);
    }
  }

  /** Whether any file has content that waits to be written, and others must not hide behind. */
  public boolean hasDelayedWrites() {
    return writeback != null && writeback.isPending();
  }

  /** Writes what waits in memory, as it is when this is called. Parks. */
  public void writeDelayed() {
    if (writeback != null) {
      writeback.flushAll();
    }
  }

  /** Makes everything that was written durable. */
  public void sync() throws IOException {
    writeDelayed();
    syncNames();
  }

  /** Makes durable all but what waits to be written: the changes of names, for example. */
  public void syncNames() throws IOException {
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
      if (writeback != null) {
        writeback.close();
      }
      deferred.awaitSubmissions();
      reader.inodes().drain();
      deferred.close();
      reader.inodes().evictAll();
      errors.settle();
      context.journal().close();
      // After a failure the superblock has a record of it, and must stay as it is.
      if (isWritable() && context.journal().abortErrno() == 0) {
        superblockWriter.closed(
            allocator.freeBlocks(), inodeAllocator.freeInodes(), orphans.hasFileEntries());
      }
    } finally {
      quotas.close();
      bitmaps.close();
      device.close();
      engine.close();
      context.cache().close();
      arena.close();
      externalJournal.close();
      if (imageLock != null) {
        imageLock.close();
      }
    }
  }

  /** Content that waits has a promise of blocks, but of neither quota nor clusters. */
  private boolean mayDelay(Superblock superblock) {
    return isWritable() && !superblock.has(Feature.QUOTA) && !superblock.has(Feature.BIGALLOC);
  }

  private static String shortName(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? path : path.substring(slash + 1);
  }
}
