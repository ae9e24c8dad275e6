package dev.dioring.ext4lite.fs;

import dev.dioring.engine.dio.DirectIo;
import dev.dioring.engine.dio.FileIo;
import dev.dioring.engine.memory.IoBuffer;
import java.lang.foreign.MemorySegment;

/**
 * Writes of any bytes of a file, which a device that takes only whole blocks cannot do by itself.
 * What the first and last block hold beside them is read first and written back, with all other
 * writes kept out; behind the end of the file that is zeroes.
 */
final class ByteWriter {
  private static final byte ZERO = 0;

  private final RegularFile file;
  private final FileIo io;
  private final int alignmentBytes;

  ByteWriter(RegularFile file, DirectIo engine) {
    this.file = file;
    io = new FileIo(kiocb -> engine.submit(file, kiocb));
    alignmentBytes = file.device().geometry().offsetAlignmentBytes();
  }

  /**
   * Writes, parking until it is done.
   *
   * @param window whole blocks, aligned, with the data where it belongs in them: the first byte at
   *     {@code position} modulo the alignment
   * @return bytes written, or {@code -errno}
   */
  long write(long position, int lengthBytes, MemorySegment window, int flags)
      throws InterruptedException {
    int skew = (int) (position & (alignmentBytes - 1));
    InlineContent inline = file.inline();
    if (inline != null) {
      long written = inline.write(position, window.asSlice(skew, lengthBytes), flags);
      if (written != InlineContent.IN_BLOCKS) {
        return written;
      }
    }
    file.lock().exclusive();
    try {
      return writeAlone(position, lengthBytes, window, flags);
    } finally {
      file.lock().releaseExclusive();
    }
  }

  /** As {@link #write} into blocks; the caller has the exclusive lock. */
  long writeAlone(long position, int lengthBytes, MemorySegment window, int flags)
      throws InterruptedException {
    int skew = (int) (position & (alignmentBytes - 1));
    long start = position - skew;
    long end = position + lengthBytes;
    int windowBytes = (skew + lengthBytes + alignmentBytes - 1) & -alignmentBytes;
    MemorySegment blocks = window.asSlice(0, windowBytes);
    try {
      long failed = fillEdges(start, end, skew, blocks);
      if (failed < 0) {
        return failed;
      }
      file.padFrom(end);
      long written = io.write(start, blocks, flags);
      return written < 0 ? written : Math.clamp(written - skew, 0, lengthBytes);
    } finally {
      file.padFrom(Long.MAX_VALUE);
    }
  }

  private long fillEdges(long start, long end, int skew, MemorySegment blocks)
      throws InterruptedException {
    long lastBlock = (end - 1) & -alignmentBytes;
    long failed = 0;
    if (skew != 0) {
      failed = fill(start, blocks, 0, 0, skew);
    }
    if (failed == 0 && end != lastBlock + alignmentBytes) {
      int from = (int) (end - lastBlock);
      failed = fill(lastBlock, blocks, lastBlock - start, from, alignmentBytes);
    }
    return failed;
  }

  /** Fills a part of one block with what the file has there. @return 0 or -errno */
  private long fill(long block, MemorySegment blocks, long blockAt, int from, int to)
      throws InterruptedException {
    long known = 0;
    IoBuffer buffer = block + from < file.sizeBytes() ? file.device().buffers().acquire() : null;
    try {
      if (buffer != null) {
        MemorySegment memory = buffer.segment().asSlice(0, alignmentBytes);
        long read = io.read(block, memory, 0);
        if (read < 0) {
          return read;
        }
        known = Math.clamp(read - from, 0, to - from);
        MemorySegment.copy(memory, from, blocks, blockAt + from, known);
      }
      blocks.asSlice(blockAt + from + known, to - from - known).fill(ZERO);
      return 0;
    } finally {
      if (buffer != null) {
        buffer.release();
      }
    }
  }
}
