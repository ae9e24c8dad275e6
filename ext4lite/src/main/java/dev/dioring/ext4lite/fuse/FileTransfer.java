package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.WriteOut;
import dev.dioring.engine.dio.Kiocb;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The asynchronous I/O of a READ or WRITE; it answers the request when it ends. */
final class FileTransfer extends Kiocb {
  private final Request request;

  /** What the caller asked for, which may be less than what the device transfers. */
  private int wantedBytes;

  private int skewBytes;

  /** What to do where the I/O would have to wait; null if it may. */
  private @Nullable Runnable waiting;

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

  /** Prepares a write of the payload, which is aligned. */
  FileTransfer write(long position, int sizeBytes, int flags) {
    skewBytes = 0;
    wantedBytes = sizeBytes;
    write(position, request.memory().asSlice(request.payloadAt(), sizeBytes), flags);
    return this;
  }

  /** Names what goes on with the next I/O where that, submitted with NOWAIT, is refused. */
  void whenItWouldWait(Runnable continuation) {
    waiting = continuation;
  }

  @Override
  protected void kiComplete(long result) {
    Runnable again = waiting;
    waiting = null;
    if (result == -Errno.EAGAIN && again != null) {
      again.run();
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
    if (result < 0) {
      request.fail((int) -result);
      return;
    }
    request.counters().wrote(result);
    long at = request.body(WriteOut.BYTES);
    WriteOut.sizeBytes(request.memory(), at, (int) result);
    request.reply(WriteOut.BYTES);
  }
}
