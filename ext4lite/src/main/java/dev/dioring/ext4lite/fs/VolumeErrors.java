package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.ext4lite.buffer.SuperblockBlock;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.ErrorRecord;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Handle;
import dev.dioring.ext4lite.journal.ReadOnlyVolumeException;
import dev.dioring.ext4lite.journal.VolumeShutDownException;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when a structure turns out to be corrupt, or metadata cannot be written: it is
 * logged and recorded in the superblock, so that whoever finds the volume checks it, and the volume
 * goes on, turns read-only or ends the process, as it was opened to.
 */
final class VolumeErrors {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeErrors.class);

  private final String volume;
  private final VolumeContext context;
  private final ReentrantLock superblockLock;
  private final BlockIo io;
  private final Clock clock;
  private final OnError onError;
  private final boolean recorded;
  private final Runnable panic;

  /** Whether nothing may be written any more; set once. */
  private volatile boolean stopped;

  /** Whether nothing may be read either: the volume was shut down. Set once, before the other. */
  private volatile boolean shutDown;

  /** Whether a thread is on its way that will store what was recorded. */
  private final AtomicBoolean storing = new AtomicBoolean();

  /** Held by the thread that stores; {@link #settle} waits for it. */
  private final ReentrantLock store = new ReentrantLock();

  /**
   * Makes the record of a volume.
   *
   * @param superblockLock guards the superblock in memory
   * @param recorded whether errors are written down: the volume is open for writing
   * @param panic what ends the process
   */
  VolumeErrors(
      String volume,
      VolumeContext context,
      ReentrantLock superblockLock,
      Clock clock,
      OnError onError,
      boolean recorded,
      Runnable panic) {
    this.volume = volume;
    this.context = context;
    this.superblockLock = superblockLock;
    this.io = context.cache().io();
    this.clock = clock;
    this.onError = onError;
    this.recorded = recorded;
    this.panic = panic;
  }

  /**
   * The errno of writes once an error has turned the volume read-only, or it was shut down; or 0.
   */
  int writeErrno() {
    return !stopped ? 0 : shutDown ? Errno.EIO : Errno.EROFS;
  }

  /** The errno of reads of content once the volume was shut down, or 0. */
  int readErrno() {
    return shutDown ? Errno.EIO : 0;
  }

  /** Throws, once the volume was shut down. */
  void requireReadable() throws VolumeShutDownException {
    if (shutDown) {
      throw new VolumeShutDownException(volume);
    }
  }

  /** Throws, once an error has turned the volume read-only, or it was shut down. */
  void requireWritable() throws ReadOnlyVolumeException {
    requireReadable();
    if (stopped) {
      throw new ReadOnlyVolumeException(volume + " is read-only after an error");
    }
  }

  /** Refuses all I/O from now on. That is no error, so nothing is recorded. No waiting. */
  void shutDown() {
    shutDown = true;
    stopped = true;
    context.journal().abort(new VolumeShutDownException(volume));
  }

  /**
   * The exception for users of a failed operation on an inode; if it is for corruption, what has to
   * follow is under way. No waiting.
   *
   * @param inodeNr 0 if it is no inode's
   */
  Ext4Exception explain(String what, long inodeNr, IOException failure) {
    met(failure, inodeNr);
    return Failures.explain(what, failure);
  }

  /** The errno of a failed operation on an inode, with the same consequences. No waiting. */
  int errno(long inodeNr, IOException failure) {
    met(failure, inodeNr);
    return Failures.errno(failure);
  }

  private void met(IOException failure, long inodeNr) {
    if (!(failure instanceof CorruptStructureException corrupt)) {
      return;
    }
    if (!recorded) {
      // Whoever reads hears of it.
      LOG.debug("{}: inode {}: {}", volume, inodeNr, corrupt.getMessage());
      return;
    }
    LOG.error("{}: inode {}: {}", volume, inodeNr, corrupt.getMessage());
    if (stopped) {
      return;
    }
    record(
        corrupt.isChecksum() ? ErrorRecord.CHECKSUM : ErrorRecord.CORRUPT,
        corrupt.subject(),
        inodeNr,
        corrupt.blockNr());
    if (onError == OnError.REMOUNT_RO) {
      stopped = true;
      LOG.error("{}: read-only from now on, as errors=remount-ro asks for", volume);
      // It calls journalFailed, when nothing else is written any more.
      context.journal().abort(corrupt);
    } else if (storing.compareAndSet(false, true)) {
      Thread unused = Thread.ofVirtual().name("errors/" + volume).start(this::storeLogged);
    }
  }

  /**
   * Records that metadata cannot be written any more, or why the journal was aborted, in place, as
   * far as the device still takes it. For the journal, which writes nothing meanwhile. Parks.
   */
  void journalFailed(IOException cause) {
    if (shutDown) {
      return;
    }
    if (!stopped) {
      stopped = true;
      record(ErrorRecord.IO, "journal_commit", 0, 0);
    }
    store.lock();
    try {
      SuperblockBlock.change(
          io,
          onDisk -> {
            onDisk.errors().copyFrom(context.superblock().errors());
            onDisk.state(onDisk.state() | Superblock.STATE_ERROR);
          });
      io.flush();
    } catch (IOException e) {
      LOG.warn("{}: its error cannot be recorded: {}", volume, e.getMessage());
    } finally {
      store.unlock();
    }
    panicIfAsked(cause.getMessage());
  }

  /** Sees to it that what was recorded is in the journal, before that is closed. Parks. */
  void settle() {
    boolean pending;
    store.lock();
    try {
      pending = storing.get();
    } finally {
      store.unlock();
    }
    if (pending) {
      storeLogged();
    }
  }

  private void record(int code, String where, long inodeNr, long blockNr) {
    superblockLock.lock();
    try {
      Superblock superblock = context.superblock();
      superblock.state(superblock.state() | Superblock.STATE_ERROR);
      superblock.errors().add(clock.instant().getEpochSecond(), code, where, inodeNr, blockNr);
    } finally {
      superblockLock.unlock();
    }
  }

  private void storeLogged() {
    store.lock();
    try {
      storing.set(false);
      try (Handle handle = context.journal().start(1)) {
        context.storeSuperblock(handle, superblockLock, superblock -> {});
      }
      context.journal().commit();
    } catch (ReadOnlyVolumeException e) {
      LOG.debug("{}: recorded when it was closed or aborted", volume);
    } catch (IOException e) {
      LOG.warn("{}: its error cannot be recorded: {}", volume, e.getMessage());
    } finally {
      store.unlock();
    }
    panicIfAsked("a corrupt structure");
  }

  private void panicIfAsked(@Nullable String why) {
    if (onError == OnError.PANIC) {
      LOG.error("{}: ending the process, as errors=panic asks for: {}", volume, why);
      panic.run();
    }
  }
}
