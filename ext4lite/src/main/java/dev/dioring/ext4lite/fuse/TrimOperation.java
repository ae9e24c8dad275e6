package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.IoctlOut;
import dev.dioring.bindings.fuse.TrimRange;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** FITRIM, which fstrim calls: discards what is free. For root alone, as on other filesystems. */
final class TrimOperation {
  private final Ext4Volume volume;
  private final Interrupts interrupts;

  TrimOperation(Ext4Volume volume, Interrupts interrupts) {
    this.volume = volume;
    this.interrupts = interrupts;
  }

  /** Serves the request, of which the arguments have been read up to the range. May take long. */
  void serve(Request request) throws IOException {
    if (request.uid() != 0) {
      request.fail(Errno.EPERM);
      return;
    }
    MemorySegment range = MemorySegment.ofArray(request.bytes(TrimRange.BYTES));
    long offset = TrimRange.byteOffset(range, 0);
    long minimum = TrimRange.runBytesMin(range, 0);
    // Unsigned, and "all" is the largest number there is.
    long length = TrimRange.lengthBytes(range, 0);
    length = length < 0 ? Long.MAX_VALUE : length;
    if (offset < 0 || minimum < 0) {
      request.fail(Errno.EINVAL);
      return;
    }
    AtomicBoolean interrupted = interrupts.begin(request);
    long discarded;
    try {
      discarded = volume.trim(offset, length, minimum, interrupted::get);
    } finally {
      interrupts.end(request);
    }
    if (interrupted.get()) {
      request.fail(Errno.EINTR);
      return;
    }
    long at = request.body(IoctlOut.BYTES + TrimRange.BYTES) + IoctlOut.BYTES;
    MemorySegment.copy(range, 0, request.memory(), at, TrimRange.BYTES);
    TrimRange.lengthBytes(request.memory(), at, discarded);
    request.reply(IoctlOut.BYTES + TrimRange.BYTES);
  }
}
