package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.lang.foreign.MemorySegment;

/**
 * Copies from one file to another, or within one, through memory. Holes of the source become holes
 * of the target. Nobody else writes the target meanwhile. Used by one thread.
 */
final class RangeCopy {
  /** What one step moves at most. */
  private static final int STEP_BYTES = 1 << 20;

  private final Ext4Namespace namespace;
  private final Ext4File source;
  private final Ext4File target;
  private final MemorySegment memory;
  private final int alignmentBytes;

  /**
   * Prepares copies.
   *
   * @param memory aligned; a step and two blocks of the device
   * @param alignmentBytes of the device
   */
  RangeCopy(
      Ext4Namespace namespace,
      Ext4File source,
      Ext4File target,
      MemorySegment memory,
      int alignmentBytes) {
    this.namespace = namespace;
    this.source = source;
    this.target = target;
    this.memory = memory;
    this.alignmentBytes = alignmentBytes;
  }

  /**
   * Copies the start of a range.
   *
   * @return bytes copied, 0 at the end of the source, or {@code -errno}
   */
  long step(long from, long to, long lengthBytes) throws Ext4Exception, InterruptedException {
    long left = Math.min(lengthBytes, source.sizeBytes() - from);
    if (left <= 0) {
      return 0;
    }
    long hole = Math.min(holeBytes(from), left);
    return hole > 0 ? skip(to, hole) : move(from, to, (int) Math.min(left, STEP_BYTES));
  }

  /** How far the source has no data from here on. */
  private long holeBytes(long from) throws Ext4Exception {
    try {
      return namespace.ranges().seek(source.inodeNr(), from, true) - from;
    } catch (Ext4Exception e) {
      if (e.errno() == Errno.ENXIO) {
        return Long.MAX_VALUE;
      }
      if (e.errno() == Errno.EOPNOTSUPP) {
        return 0;
      }
      throw e;
    }
  }

  private long skip(long to, long lengthBytes) throws Ext4Exception {
    long size = target.sizeBytes();
    if (to < size) {
      namespace.ranges().punch(target.inodeNr(), to, Math.min(lengthBytes, size - to));
    }
    if (to + lengthBytes > size) {
      InodeAttributes unused =
          namespace.change(target.inodeNr(), AttributeChange.NONE.withSizeBytes(to + lengthBytes));
    }
    return lengthBytes;
  }

  private long move(long from, long to, int lengthBytes) throws InterruptedException {
    int fromSkew = (int) (from & (alignmentBytes - 1));
    int toSkew = (int) (to & (alignmentBytes - 1));
    long read = source.io().read(from - fromSkew, blocks(fromSkew + lengthBytes), 0);
    if (read < 0) {
      return read;
    }
    int bytes = Math.clamp(read - fromSkew, 0, lengthBytes);
    if (fromSkew != toSkew) {
      MemorySegment.copy(memory, fromSkew, memory, toSkew, bytes);
    }
    if (bytes == 0) {
      return 0;
    }
    return ((to | bytes) & (alignmentBytes - 1)) == 0
        ? target.io().write(to, blocks(bytes), 0)
        : target.writeBytes(to, bytes, memory, 0);
  }

  private MemorySegment blocks(int bytes) {
    return memory.asSlice(0, (bytes + alignmentBytes - 1) & -alignmentBytes);
  }
}
