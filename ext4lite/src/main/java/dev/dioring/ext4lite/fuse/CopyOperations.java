package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.CopyFileRangeIn;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.WriteOut;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * COPY_FILE_RANGE: the data goes through the memory of the request instead of twice through the
 * kernel. Meanwhile the kernel keeps other writers of the target out, and afterwards drops what it
 * has cached of it.
 */
final class CopyOperations {
  /** What one request copies at most; the kernel tells its caller, who asks for the rest. */
  private static final long BYTES_MAX = 64L << 20;

  private final Ext4Namespace namespace;
  private final FileOperations files;
  private final Privileges privileges;
  private final Interrupts interrupts;
  private final int alignmentBytes;

  CopyOperations(
      Ext4Namespace namespace,
      FileOperations files,
      Privileges privileges,
      Interrupts interrupts,
      int alignmentBytes) {
    this.namespace = namespace;
    this.files = files;
    this.privileges = privileges;
    this.interrupts = interrupts;
    this.alignmentBytes = alignmentBytes;
  }

  void register(Dispatcher dispatcher) {
    dispatcher.onThread(FuseOpcode.COPY_FILE_RANGE, this::copy);
  }

  private void copy(Request request) throws IOException {
    long at = request.arguments(CopyFileRangeIn.BYTES);
    MemorySegment memory = request.memory();
    long from = CopyFileRangeIn.positionFrom(memory, at);
    long to = CopyFileRangeIn.positionTo(memory, at);
    long length = Math.min(CopyFileRangeIn.lengthBytes(memory, at), BYTES_MAX);
    if (CopyFileRangeIn.flags(memory, at) != 0 || from < 0 || to < 0 || length < 0) {
      request.fail(Errno.EINVAL);
      return;
    }
    OpenFile source = files.opened(CopyFileRangeIn.handleFrom(memory, at));
    OpenFile target = files.opened(CopyFileRangeIn.handleTo(memory, at));
    long room = target.file().sizeBytesMax() - to;
    if (room <= 0) {
      request.fail(Errno.EFBIG);
      return;
    }
    length = Math.min(length, room);
    if (target.file().isImmutable()) {
      request.fail(Errno.EPERM);
      return;
    }
    privileges.beforeChange(target, request);
    RangeCopy copy =
        new RangeCopy(
            namespace,
            source.file(),
            target.file(),
            memory.asSlice(request.payloadAt(), request.payloadBytes()),
            alignmentBytes);
    reply(request, run(request, copy, from, to, length));
  }

  /** Copies step by step. @return bytes copied, or, if there is none, -errno */
  private long run(Request request, RangeCopy copy, long from, long to, long length)
      throws IOException {
    AtomicBoolean interrupted = interrupts.begin(request);
    long copied = 0;
    try {
      while (copied < length) {
        if (interrupted.get()) {
          return copied > 0 ? copied : -Errno.EINTR;
        }
        long step = copy.step(from + copied, to + copied, length - copied);
        if (step <= 0) {
          return copied > 0 ? copied : step;
        }
        copied += step;
      }
      return copied;
    } catch (Ext4Exception e) {
      // The arguments may be overwritten by now, so that nobody can begin anew.
      return copied > 0 ? copied : -e.errno();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return copied > 0 ? copied : -Errno.EINTR;
    } finally {
      interrupts.end(request);
    }
  }

  private static void reply(Request request, long result) {
    if (result < 0) {
      request.fail((int) -result);
      return;
    }
    long body = request.body(WriteOut.BYTES);
    WriteOut.sizeBytes(request.memory(), body, (int) result);
    request.reply(WriteOut.BYTES);
  }
}
