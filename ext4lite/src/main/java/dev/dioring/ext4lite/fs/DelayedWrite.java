package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.dio.DirectIo;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.engine.threads.Waiting;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was written to a file without asking for direct I/O and is not on its way to the disk yet:
 * one contiguous range, so that small writes that follow each other become one. Blocks are
 * allocated when it is written. Whatever else looks at the file's content or changes it comes after
 * {@link #flush}.
 *
 * <p>Its lock ranks before the file's I/O. The inode is referred to while there is something.
 */
final class DelayedWrite {
  /** {@link #read}: the content is on the device, or some of it is. */
  static final long ELSEWHERE = Long.MIN_VALUE;

  private static final Logger LOG = LoggerFactory.getLogger(DelayedWrite.class);
  private static final long NOTHING = -1;

  private final RegularFile file;
  private final LiveInode live;
  private final InodeCache registry;
  private final Writeback writeback;
  private final DirectIo engine;
  private final int alignmentMask;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private DelayedMemory.@Nullable Piece piece;

  /** Where in the file the piece starts: at or before the data, aligned for the device. */
  private long pieceStart;

  /** Where the data starts. Read without the lock once {@link #end} was. */
  private long start;

  /** Written under the lock. */
  private volatile int failure;

  /** Where the data ends, or {@link #NOTHING}. Written under the lock. */
  private volatile long end = NOTHING;

  /** When the range was begun, by {@link System#nanoTime}. Written under the lock. */
  private volatile long sinceNanos;

  /** The file was emptied: whoever did so to write a new version expects to find one. */
  private volatile boolean replacesContent;

  /** Whether the range is to be written without waiting for more. */
  private volatile boolean due;

  DelayedWrite(
      RegularFile file,
      LiveInode live,
      InodeCache registry,
      Writeback writeback,
      FileServices services) {
    this.file = file;
    this.live = live;
    this.registry = registry;
    this.writeback = writeback;
    engine = services.engine();
    alignmentMask = services.device().geometry().offsetAlignmentBytes() - 1;
  }

  /** Whether there is something to write. Any thread, no waiting. */
  boolean isPending() {
    return end != NOTHING;
  }

  /** The file's size with what is still to be written. No waiting. */
  long sizeBytes() {
    // Before the size is looked at, which has grown when there is nothing to write any more.
    long now = end;
    return Math.max(now, file.sizeBytes());
  }

  /** Attributes with what is still to be written, if anything is. No waiting. */
  InodeAttributes addTo(InodeAttributes stored) {
    long now = end;
    return now == NOTHING ? stored : stored.withContent(start, now);
  }

  /** Whether it has to be written by now. */
  boolean isDue(long ageNanos, long nowNanos) {
    return isPending() && (due || nowNanos - sinceNanos > ageNanos);
  }

  /** The file's content was cut off: what is written next takes its place. */
  void replacesContent() {
    replacesContent = true;
  }

  /** The file is closed. What takes the place of earlier content does not wait. No waiting. */
  void closed() {
    if (replacesContent && isPending()) {
      replacesContent = false;
      due = true;
      writeback.wake();
    }
  }

  /**
   * Takes data to write later. No waiting.
   *
   * @return its length, or {@code -EAGAIN} if it does not follow what there is, or there is no room
   */
  int add(long position, MemorySegment data) {
    int length = (int) data.byteSize();
    if (!lock.tryLock()) {
      return -Errno.EAGAIN;
    }
    try {
      if (!hasRoom(position, length)) {
        return -Errno.EAGAIN;
      }
      DelayedMemory.Piece into = piece;
      if (into == null) {
        return -Errno.EAGAIN;
      }
      MemorySegment.copy(data, 0, into.memory(), position - pieceStart, length);
      end = Math.max(end, position + length);
      file.written();
      return length;
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(long position, int length) {
    DelayedMemory.Piece held = piece;
    if (held == null) {
      return begin(position, length);
    }
    if (position < start || position > end || !file.mayDelay(position + length)) {
      return false;
    }
    long needed = position + length - pieceStart;
    return needed <= held.bytes() || grow(held, needed);
  }

  private boolean begin(long position, int length) {
    long skew = position & alignmentMask;
    boolean may = file.mayDelay(position + length) && file.isMapInMemory(position);
    DelayedMemory.Piece made = may ? writeback.begin(this, skew + length) : null;
    if (made == null) {
      return false;
    }
    registry.residents().refer(live);
    piece = made;
    pieceStart = position - skew;
    start = position;
    end = position;
    due = false;
    sinceNanos = System.nanoTime();
    return true;
  }

  private boolean grow(DelayedMemory.Piece held, long needed) {
    DelayedMemory.Piece larger = writeback.exchange(held, needed);
    if (larger == null) {
      return false;
    }
    MemorySegment.copy(held.memory(), 0, larger.memory(), 0, end - pieceStart);
    writeback.giveBack(held);
    piece = larger;
    return true;
  }

  /**
   * Reads into a request's memory what is all here. No waiting.
   *
   * @return bytes read; {@link #ELSEWHERE}
   */
  long read(Kiocb kiocb) {
    if (!lock.tryLock()) {
      return ELSEWHERE;
    }
    try {
      DelayedMemory.Piece held = piece;
      long from = kiocb.position();
      long wanted = kiocb.lengthBytes();
      boolean isLast = end >= file.sizeBytes();
      if (held == null || from < start || !(isLast || from + wanted <= end)) {
        return ELSEWHERE;
      }
      long length = Math.clamp(end - from, 0, wanted);
      if (length > 0) {
        MemorySegment.copy(held.memory(), from - pieceStart, kiocb.memory(), 0, length);
      }
      return length;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes what there is, unless the file was deleted. Parks.
   *
   * @throws dev.dioring.engine.threads.WouldWaitException on a completion thread: the I/O that it
   *     would wait for might be its own to complete
   */
  void flush() {
    if (!isPending()) {
      return;
    }
    if (file.device().onCompletionThread()) {
      throw Waiting.refused();
    }
    boolean had;
    lock.lock();
    try {
      had = piece != null;
      if (had) {
        write();
      }
    } finally {
      lock.unlock();
    }
    if (had) {
      release();
    }
  }

  private void release() {
    try {
      registry.release(live);
    } catch (IOException e) {
      LOG.warn("inode {}: {}", live.inodeNr(), e.getMessage());
    }
  }

  /** Whether {@link #takeFailure} has something to tell. Any thread. */
  boolean hasFailure() {
    return failure != 0;
  }

  /** The errno of data that could not be written since the last time this was asked, or 0. */
  int takeFailure() {
    lock.lock();
    try {
      int errno = failure;
      failure = 0;
      return errno;
    } finally {
      lock.unlock();
    }
  }

  private void write() {
    DelayedMemory.Piece held = piece;
    if (held == null) {
      return;
    }
    int length = (int) (end - start);
    // Without a name, and referred to by nobody else, it can never be read again.
    if (registry.residents().isLastReference(live)) {
      writeback.keepPromise(held);
    } else {
      long written = writePromised(held, length);
      if (written != length) {
        failure = written < 0 ? (int) -written : Errno.EIO;
        writeback.lost(failure);
        LOG.error(
            "inode {}: {} bytes at {} are lost: {}",
            live.inodeNr(),
            length,
            start,
            Errno.describe(-failure));
      }
    }
    piece = null;
    end = NOTHING;
    writeback.ended(this, held);
  }

  /** Nobody else may get what was promised to it before it is written. */
  private long writePromised(DelayedMemory.Piece held, int length) {
    HoleFiller filler = file.layout().filler();
    file.lock().exclusive();
    try {
      filler.usePromise(writeback.promisedBlocks(held));
      try {
        return writeBytes(held.memory(), length);
      } finally {
        filler.endPromise();
      }
    } finally {
      file.lock().releaseExclusive();
    }
  }

  private long writeBytes(MemorySegment window, int length) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return new ByteWriter(file, engine).writeAlone(start, length, window, Kiocb.KEEP_TIMES);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
