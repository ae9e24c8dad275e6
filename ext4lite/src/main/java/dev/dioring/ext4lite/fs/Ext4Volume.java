package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.Attachment;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.engine.ring.Poller;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.VolumeShutDownException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** An ext4 volume that is open, in an image file or on a raw device. Thread-safe. */
public final class Ext4Volume implements AutoCloseable {
  /** More blocks than most changes of names and attributes touch. */
  private static final int CHANGE_CREDITS = 64;

  private final String name;
  private final VolumeParts parts;
  private final VolumeReader reader;
  private final VolumeContext context;
  private final BlockAllocator allocator;
  private final Ext4Namespace namespace;
  private final VolumeLabel label;

  /** Whether changes of names wait until they are durable. */
  private final boolean changesAreSynced;

  /** Null where nothing is written later. */
  private final @Nullable Writeback writeback;

  private final AtomicBoolean closed = new AtomicBoolean();

  private Ext4Volume(String name, VolumeParts parts, Behaviour behaviour) {
    this.name = name;
    this.parts = parts;
    reader = parts.changes().reader();
    context = reader.context();
    allocator = parts.changes().blocks();
    writeback = parts.changes().writeback();
    changesAreSynced = behaviour.syncAll() || behaviour.syncDirectories();
    namespace = new Ext4Namespace(this, parts.changes());
    label = new VolumeLabel(name, context, allocator);
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
    VolumeParts parts = VolumeOpening.open(device, lock, options);
    return new Ext4Volume(device.name(), parts, options.behaviour());
  }

  /**
   * Has the data I/O that a poller's thread submits, without waiting, go through that poller's
   * ring. The poller must outlive the volume.
   *
   * @return whether the device allows that, or takes no ring at all
   */
  public Attachment attach(Poller poller) {
    return parts.device().attach(poller);
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
    return parts.device();
  }

  public boolean isWritable() {
    return readOnlyReason().isEmpty();
  }

  /** Why nothing can be written, or an empty string. */
  public String readOnlyReason() {
    return parts.changes().readOnlyReason();
  }

  /** Why the image itself cannot be written, however it was opened, or an empty string. */
  public String whyNotWritable() {
    return parts.whyNotWritable();
  }

  /** Counters of inline and deferred completions. */
  public DeferredStats deferredStats() {
    return parts.files().deferred().stats();
  }

  /** Counters of the completions, the cache and the journal; they can be read after the end too. */
  public VolumeStats stats() {
    return new VolumeStats(
        deferredStats(),
        VolumeStats.Cache.of(context.cache().stats()),
        VolumeStats.Journal.of(context.journal().stats()),
        reader.inodes().residents().count(),
        reader.inodes().residents().lookedUp(),
        parts.device().inFlight());
  }

  /** Free blocks, reserved ones included. */
  public long freeBlocks() {
    return allocator.space().freeBlocks();
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
    return parts.warnings();
  }

  /** The superblock, for display. */
  public Superblock superblock() {
    return context.superblock();
  }

  /** Its label. */
  public VolumeLabel label() {
    return label;
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
        allocator.space().freeBlocks(),
        parts.changes().inodeNumbers().freeInodes(),
        rules().countsOverhead());
  }

  /** The mount options that hold, those of the superblock included. */
  public Ext4Options rules() {
    return parts.changes().rules();
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
      throw reader.errors().explain("reading inode " + inodeNr + " of " + name, inodeNr, e);
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
      return PathResolver.resolve(reader, path, followLast);
    } catch (IOException e) {
      throw reader.errors().explain(path + " in " + name, 0, e);
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
      reader.errors().requireReadable();
      OpenRules.require(file, writable, appends, readOnlyReason(), what);
      LiveInode live = reader.inodes().acquire(file.inodeNr());
      try {
        return reader.inodes().open(live, writable);
      } finally {
        reader.inodes().release(live);
      }
    } catch (IOException e) {
      throw reader.errors().explain(what, file.inodeNr(), e);
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
      throw new Ext4Exception(what, Errno.EROFS, readOnlyReason());
    }
    if (!parts.device().geometry().discard()) {
      throw new Ext4Exception(what, Errno.EOPNOTSUPP, "its device has no discard");
    }
    try {
      return new Trim(context, allocator, stops, what).run(byteOffset, lengthBytes, runBytesMin);
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

  /**
   * Makes everything that was written durable.
   *
   * @throws Ext4Exception also for content of any file that waited in memory and is lost, once
   */
  public void sync() throws IOException {
    writeDelayed();
    reader.inodes().storeTimes();
    syncNames();
    int lost = writeback == null ? 0 : writeback.takeLost();
    if (lost != 0) {
      throw new Ext4Exception("sync of " + name, lost, "content of a file is lost");
    }
  }

  /** Makes durable all but what waits to be written: the changes of names, for example. */
  public void syncNames() throws IOException {
    try {
      reader.errors().requireReadable();
      parts.files().deferred().drain();
      context.journal().commit();
    } catch (VolumeShutDownException e) {
      throw Failures.explain("sync of " + name, e);
    }
  }

  /**
   * Makes everything durable that was written, then refuses with EIO to change anything and to read
   * content. What is left on the device when the volume is closed is what a crash would leave:
   * whoever opens it next recovers the journal. Parks.
   *
   * @throws IOException if not everything could be made durable; it is shut down nevertheless
   */
  public void shutDown() throws IOException {
    if (reader.errors().readErrno() != 0) {
      return;
    }
    try {
      sync();
    } finally {
      reader.errors().shutDown();
    }
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
    parts.closing().run();
  }
}
