package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.dio.DirectIo;
import dev.dioring.engine.dio.FileIo;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.journal.VolumeShutDownException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open regular file in an image: asynchronous direct reads and writes, preallocation, and sync.
 * Thread-safe. Memory, positions and lengths must be aligned as the image's device asks.
 */
public final class Ext4File implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ext4File.class);

  /** Larger writes gain nothing from being copied and kept. */
  private static final int LATER_BYTES_MAX = 64 << 10;

  private final RegularFile file;
  private final LiveInode live;
  private final InodeCache registry;
  private final DirectIo engine;
  private final FileIo io = new FileIo(this::submit);
  private final boolean writable;
  private final FileUses uses = new FileUses();

  Ext4File(
      RegularFile file, LiveInode live, InodeCache registry, DirectIo engine, boolean writable) {
    this.file = file;
    this.live = live;
    this.registry = registry;
    this.engine = engine;
    this.writable = writable;
  }

  /** Number of the inode. */
  public long inodeNr() {
    return file.owner().inodeNr();
  }

  /** Whether its writes have to be durable before they end, by its flags or as it was opened. */
  public boolean isSynchronous() {
    return registry.syncs().apply(live);
  }

  /** Whether chattr +i was applied to it, perhaps after it was opened. */
  public boolean isImmutable() {
    return file.owner().inode().has(Inode.FLAG_IMMUTABLE);
  }

  /**
   * Size now; it grows when a write behind the end has completed, or was taken to be made later.
   */
  public long sizeBytes() {
    DelayedWrite delayed = file.delayed();
    return delayed == null ? file.sizeBytes() : delayed.sizeBytes();
  }

  /** No byte of it can lie behind this. */
  public long sizeBytesMax() {
    return file.sizeBytesMax();
  }

  /** Whether who writes from now on may have blocks that are reserved; nobody may at first. */
  public void mayUseReserved(boolean may) {
    file.mayUseReserved(may);
  }

  /**
   * Starts a read or write. A write into preallocated blocks completes on the volume's deferred
   * executor, once the blocks are converted; a pure overwrite and a read complete on the device's
   * completion thread. A write that does not cover whole filesystem blocks excludes all others.
   */
  public void submit(Kiocb kiocb) {
    if (!uses.begin()) {
      kiocb.answer(-Errno.EBADF);
      return;
    }
    try {
      start(kiocb);
    } finally {
      end();
    }
  }

  /** From when it is answered or in flight the request keeps the inode by itself. */
  private void start(Kiocb kiocb) {
    int refusal = kiocb.isWrite() ? writeErrno() : registry.errors().readErrno();
    if (refusal != 0) {
      kiocb.answer(-refusal);
      return;
    }
    if (!kiocb.isWrite() && (kiocb.flags() & Kiocb.KEEP_TIMES) == 0) {
      registry.accesses().read(live);
    }
    InlineContent inline = file.inline();
    if (inline != null) {
      submitInline(inline, kiocb);
      return;
    }
    if (file.hasDelayed()) {
      submitBehindDelayed(kiocb);
      return;
    }
    if (!kiocb.isWrite()) {
      engine.submit(file, kiocb);
      return;
    }
    int blockMask = file.blockSizeBytes() - 1;
    if (((kiocb.position() | kiocb.lengthBytes()) & blockMask) == 0) {
      submitShared(kiocb);
    } else {
      submitExclusive(kiocb);
    }
  }

  /** Goes on by a thread that may wait. */
  private void punt(Runnable step) {
    uses.share();
    file.completions()
        .punt(
            () -> {
              try {
                step.run();
              } finally {
                end();
              }
            });
  }

  /** Ends a use; with the last one of a file that is closed the inode may leave. */
  private void end() {
    if (!uses.end()) {
      return;
    }
    if (file.device().onCompletionThread()) {
      file.completions().punt(this::releaseQuietly);
    } else {
      releaseQuietly();
    }
  }

  private void releaseQuietly() {
    try {
      registry.release(live);
    } catch (IOException e) {
      LOG.warn("inode {}: {}", inodeNr(), e.getMessage());
    }
  }

  /** Answers a read with what waits in memory; what else there is comes after that is written. */
  private void submitBehindDelayed(Kiocb kiocb) {
    DelayedWrite delayed = file.delayed();
    if (delayed != null && !kiocb.isWrite()) {
      long read = delayed.read(kiocb);
      if (read != DelayedWrite.ELSEWHERE) {
        kiocb.answer(read);
        return;
      }
    }
    if ((kiocb.flags() & Kiocb.NOWAIT) != 0) {
      kiocb.answer(-Errno.EAGAIN);
    } else if (file.device().onCompletionThread()) {
      punt(() -> submitBehindDelayed(kiocb));
    } else {
      file.flushDelayed();
      start(kiocb);
    }
  }

  /** Content in the inode is reached through the locks of metadata, which may have to wait. */
  private void submitInline(InlineContent inline, Kiocb kiocb) {
    if ((kiocb.flags() & Kiocb.NOWAIT) != 0) {
      kiocb.answer(-Errno.EAGAIN);
      return;
    }
    if (file.device().onCompletionThread()) {
      punt(() -> submitInline(inline, kiocb));
      return;
    }
    long result =
        kiocb.isWrite()
            ? inline.write(kiocb.position(), kiocb.memory(), kiocb.flags())
            : inline.read(kiocb);
    if (result == InlineContent.IN_BLOCKS) {
      start(kiocb);
    } else {
      kiocb.answer(result);
    }
  }

  private void submitShared(Kiocb kiocb) {
    if (!file.lock().tryShared()) {
      if ((kiocb.flags() & Kiocb.NOWAIT) != 0) {
        kiocb.answer(-Errno.EAGAIN);
        return;
      }
      if (file.device().onCompletionThread()) {
        punt(() -> submitShared(kiocb));
        return;
      }
      file.lock().shared();
    }
    kiocb.privateObject(LockMode.SHARED);
    engine.submit(file, kiocb);
  }

  private void submitExclusive(Kiocb kiocb) {
    if ((kiocb.flags() & Kiocb.NOWAIT) != 0) {
      kiocb.answer(-Errno.EAGAIN);
      return;
    }
    if (file.device().onCompletionThread()) {
      punt(() -> submitExclusive(kiocb));
      return;
    }
    file.lock().exclusive();
    kiocb.privateObject(LockMode.EXCLUSIVE);
    engine.submit(file, kiocb);
  }

  /**
   * The failure of a request on this file for users, with what was found corrupt if that is why.
   *
   * @param what the operation and its object
   * @param errno positive, the negated result of the request
   */
  public Ext4Exception explain(String what, int errno) {
    return new Ext4Exception(what, errno, file.explain(errno));
  }

  /**
   * Writes any bytes, however they are aligned, parking until it is done.
   *
   * @param window memory of whole blocks of the device, aligned, with the data where it belongs in
   *     them: its first byte at {@code position} modulo the device's alignment. What is around it
   *     is overwritten
   * @param flags as of {@link Kiocb}
   * @return bytes written, or {@code -errno}
   */
  public long writeBytes(long position, int lengthBytes, MemorySegment window, int flags)
      throws InterruptedException {
    int refusal = writeErrno();
    if (refusal != 0) {
      return -refusal;
    }
    if (!uses.begin()) {
      return -Errno.EBADF;
    }
    try {
      file.flushDelayed();
      return new ByteWriter(file, engine).write(position, lengthBytes, window, flags);
    } finally {
      end();
    }
  }

  /**
   * Takes a write that may reach the disk later, as those that do not ask for direct I/O may: a few
   * seconds, or when {@link #sync} or anything else needs it there. Small writes that follow each
   * other become one. No waiting.
   *
   * @return bytes taken, all or none: {@code -EAGAIN} if it has to be written like others
   */
  public int writeLater(long position, MemorySegment data) {
    DelayedWrite delayed = file.delayed();
    boolean possible = data.byteSize() <= LATER_BYTES_MAX && position >= 0 && writeErrno() == 0;
    if (delayed == null || !possible || !uses.begin()) {
      return -Errno.EAGAIN;
    }
    try {
      return delayed.add(position, data);
    } finally {
      end();
    }
  }

  /** Whether something waits to be written. */
  public boolean hasDelayedWrites() {
    return file.hasDelayed();
  }

  /** As {@link #writeLater}, after what is in its way was written. Parks. */
  public int writeLaterInTurn(long position, MemorySegment data) {
    if (!file.hasDelayed() || data.byteSize() > LATER_BYTES_MAX) {
      return -Errno.EAGAIN;
    }
    file.flushDelayed();
    return writeLater(position, data);
  }

  /** The errno that every write gets, or 0. */
  private int writeErrno() {
    return writable ? registry.errors().writeErrno() : Errno.EROFS;
  }

  /** Blocking and future-returning reads and writes. */
  public FileIo io() {
    return io;
  }

  /**
   * Allocates the holes of a range as unwritten extents, which read as zeroes.
   *
   * @param keepSize leaves the size alone where the range ends behind it
   * @throws Ext4Exception ENOSPC, EROFS, EIO, EUCLEAN
   */
  public void fallocate(long byteOffset, long lengthBytes, boolean keepSize) throws Ext4Exception {
    String what = "fallocate of " + lengthBytes + " bytes at " + byteOffset;
    if (byteOffset < 0 || lengthBytes <= 0) {
      throw new Ext4Exception(what, Errno.EINVAL, "the range must not be negative");
    }
    if (!writable) {
      throw new Ext4Exception(what, Errno.EROFS, registry.readOnlyReason());
    }
    requireOpen(what);
    try {
      file.flushDelayed();
      file.fallocate(byteOffset, lengthBytes, keepSize);
    } catch (IOException e) {
      throw registry.errors().explain(what, inodeNr(), e);
    } finally {
      end();
    }
  }

  /**
   * Makes completed writes durable.
   *
   * @param dataOnly leaves out what is not needed to read the data back, such as times
   */
  public void sync(boolean dataOnly) throws Ext4Exception {
    try {
      registry.errors().requireReadable();
    } catch (VolumeShutDownException e) {
      throw Failures.explain("sync of inode " + inodeNr(), e);
    }
    requireOpen("sync");
    try {
      int result = syncOpen(dataOnly);
      if (result < 0) {
        throw new Ext4Exception("sync of inode " + inodeNr(), -result, "");
      }
    } finally {
      end();
    }
  }

  private int syncOpen(boolean dataOnly) throws Ext4Exception {
    file.flushDelayed();
    if (!dataOnly) {
      storeTimes();
    }
    int synced = file.sync(dataOnly);
    DelayedWrite delayed = file.delayed();
    int lost = delayed == null ? 0 : delayed.takeFailure();
    return lost != 0 ? -lost : synced;
  }

  /** Begins a use. */
  private void requireOpen(String what) throws Ext4Exception {
    if (!uses.begin()) {
      throw new Ext4Exception(what + " of inode " + inodeNr(), Errno.EBADF, "it is closed");
    }
  }

  private void storeTimes() throws Ext4Exception {
    try {
      registry.storeTimes(live);
    } catch (IOException e) {
      throw registry.errors().explain("sync of inode " + inodeNr(), inodeNr(), e);
    }
  }

  /** Closes this handle; what is under way goes on. */
  @Override
  public void close() throws IOException {
    if (!uses.close()) {
      return;
    }
    DelayedWrite delayed = file.delayed();
    if (delayed != null) {
      delayed.closed();
    }
    if (uses.end()) {
      registry.release(live);
    }
  }
}
