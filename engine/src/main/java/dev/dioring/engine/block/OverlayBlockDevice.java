package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;

/**
 * A device that shows some blocks of another one with different content, which it holds in memory.
 * It cannot be written.
 */
public final class OverlayBlockDevice extends ForwardingBlockDevice {
  private final int blockBytes;
  private final Geometry geometry;

  /** Blocks with other content, ascending, and their content. */
  private final long[] blockNrs;

  private final MemorySegment[] contents;

  /**
   * Lays blocks over a device, which is closed with this one.
   *
   * @param blockBytes size of a block; block {@code n} lies at {@code n * blockBytes}
   * @param content by block number; has to stay alive until this device is closed
   */
  public OverlayBlockDevice(BlockDevice below, int blockBytes, Map<Long, MemorySegment> content) {
    super(below);
    this.blockBytes = blockBytes;
    blockNrs = content.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    contents = Arrays.stream(blockNrs).mapToObj(content::get).toArray(MemorySegment[]::new);
    geometry = super.geometry().withReadOnly(true);
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public void submit(BlockRequest request) {
    if (request.op().modifies()) {
      below().submit(new Refused(request));
    } else if (request.op() == BlockOp.READ && overlaps(request)) {
      below().submit(new Patched(request));
    } else {
      below().submit(request);
    }
  }

  private boolean overlaps(BlockRequest request) {
    int index = firstAtOrBehind(request.byteOffset() / blockBytes);
    return index < blockNrs.length
        && blockNrs[index] * blockBytes < request.byteOffset() + request.lengthBytes();
  }

  private int firstAtOrBehind(long blockNr) {
    int index = Arrays.binarySearch(blockNrs, blockNr);
    return index >= 0 ? index : -index - 1;
  }

  /** Takes a refusal to the completion thread. */
  private static final class Refused extends BlockRequest {
    private final BlockRequest original;

    Refused(BlockRequest original) {
      this.original = original;
      BlockRequest unused = flush();
    }

    @Override
    protected void completed(int result) {
      original.completed(-Errno.EROFS);
    }
  }

  /** A read whose result is changed where blocks have other content. */
  private final class Patched extends BlockRequest {
    private final BlockRequest original;

    Patched(BlockRequest original) {
      this.original = original;
      MemorySegment memory = original.memory();
      MemorySegment[] vector = original.vector();
      if (memory != null) {
        read(original.byteOffset(), memory);
      } else if (vector != null) {
        int count = original.vectorCount();
        readv(original.byteOffset(), Arrays.copyOf(vector, count), count);
      }
      BlockRequest unused = registered(original.bufferIndex());
    }

    @Override
    protected void completed(int result) {
      int segments = memory() != null ? 1 : vectorCount();
      long from = byteOffset();
      long end = byteOffset() + result;
      for (int i = 0; i < segments && from < end; i++) {
        MemorySegment segment = MemoryBlockDevice.segment(this, i);
        patch(segment, from, Math.min(end, from + segment.byteSize()));
        from += segment.byteSize();
      }
      original.completed(result);
    }

    private void patch(MemorySegment target, long from, long end) {
      int index = firstAtOrBehind(from / blockBytes);
      for (; index < blockNrs.length && blockNrs[index] * blockBytes < end; index++) {
        long blockStart = blockNrs[index] * blockBytes;
        long start = Math.max(from, blockStart);
        long length = Math.min(end, blockStart + blockBytes) - start;
        MemorySegment.copy(contents[index], start - blockStart, target, start - from, length);
      }
    }
  }
}
