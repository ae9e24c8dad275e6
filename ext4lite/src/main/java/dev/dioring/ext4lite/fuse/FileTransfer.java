package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.WriteOut;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.fs.Ext4File;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The asynchronous I/O of a READ or WRITE; it answers the request when it ends. */
final class FileTransfer extends Kiocb {
  /** Goes on with a transfer that was refused: it would have to wait, or there is no space. */
  @FunctionalInterface
  interface Refusal {
    void refused(Request request, Ext4File file, int errno);
  }

  private final Request request;

  /** What the caller asked for, which may be less than what the device transfers. */
  private int wantedBytes;

  private int skewBytes;

  /** Where it was submitted to, and who goes on if it is refused; null if that fails it. */
  private @Nullable Ext4File file;

  private @Nullable Refusal refusal;

  /** Of a write past the kernel's cache, null for others. */
  private @Nullable StalePages stalePages;

  private long writtenAt;

  FileTransfer(Request request) {
    this.request = request;
  }

  /**
   * Prepares a read into the payload, of whole blocks around what is wanted.
   *
   * @param alignmentBytes what the device's offsets must be multiples of
   */
  FileTransfer read(long position, int sizeBytes, int alignmentBytes, int flags) {
    skewBytes = (int) (position & (alignmentBytes - 1));
    wantedBytes = sizeBytes;
    int length = (skewBytes + sizeBytes + alignmentBytes - 1) & -alignmentBytes;
    MemorySegment memory = request.memory().asSlice(request.payloadAt(), length);
    read(position - skewBytes, memory, flags);
    return this;
  }

  /**
   * Says how a WRITE comes, before it is served in whatever way.
   *
   * @param pages what the kernel may have of the file, if it goes past its cache
   */
  void comes(long position, @Nullable StalePages pages) {
    writtenAt = position;
    stalePages = pages;
  }

  /** Prepares a write of the payload, which is aligned. */
  FileTransfer write(long position, int sizeBytes, int flags) {
    skewBytes = 0;
    wantedBytes = sizeBytes;
    write(position, request.memory().asSlice(request.payloadAt(), sizeBytes), flags);
    return this;
  }

  void submit(Ext4File to, @Nullable Refusal whenRefused) {
    file = to;
    refusal = whenRefused;
    to.submit(this);
  }

  /** Submits what was refused once more, on a thread that may wait. */
  void submitAgain(Ext4File to, @Nullable Refusal whenRefused) {
    int waiting = flags() & ~NOWAIT;
    if (isWrite()) {
      write(position(), memory(), waiting);
    } else {
      read(position(), memory(), waiting);
    }
    submit(to, whenRefused);
  }

  @Override
  protected void kiComplete(long result) {
    Ext4File submittedTo = file;
    Refusal whenRefused = refusal;
    file = null;
    refusal = null;
    boolean wouldWait = result == -Errno.EAGAIN && (flags() & NOWAIT) != 0;
    boolean noSpace = result == -Errno.ENOSPC && isWrite();
    if (whenRefused != null && submittedTo != null && (wouldWait || noSpace)) {
      whenRefused.refused(request, submittedTo, (int) -result);
    } else if (result < 0) {
      request.fail((int) -result);
    } else if (isWrite()) {
      replyWritten(result);
    } else {
      int bytes = Math.clamp(result - skewBytes, 0, wantedBytes);
      request.counters().read(bytes);
      request.replyFrom(request.payloadAt() + skewBytes, bytes);
    }
  }

  /** Replies to a WRITE with the bytes written, or with {@code -errno}. */
  void replyWritten(long result) {
    StalePages pages = stalePages;
    if (result < 0) {
      request.fail((int) -result);
    } else if (pages != null && pages.arePossible(request.inodeNr(), request.arrivedNanos())) {
      pages.drop(request.inodeNr(), writtenAt, result, () -> replyBytes(result));
    } else {
      replyBytes(result);
    }
  }

  private void replyBytes(long written) {
    request.counters().wrote(written);
    long at = request.body(WriteOut.BYTES);
    WriteOut.sizeBytes(request.memory(), at, (int) written);
    request.reply(WriteOut.BYTES);
  }
}
