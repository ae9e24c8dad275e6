package dev.dioring.engine.dio;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.Geometry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The generic direct-I/O layer of one mount: maps a request piece by piece, submits a block request
 * for each contiguous run, and lets {@link Dio} complete it.
 *
 * <p>On the device's completion thread nothing waits: a mapping that would is continued on a
 * virtual thread.
 */
public final class DirectIo implements AutoCloseable {
  private static final int POOLED = 1024;
  private static final int BIOS = 4;
  private static final int ZERO_BYTES = 64 << 10;
  private static final int PAGE_BYTES = 4096;

  private final BlockDevice device;
  private final Geometry geometry;
  private final int alignmentMask;
  private final int memoryMask;

  /** Whether a write can be made durable by itself, with FUA or because nothing is cached. */
  private final boolean durableWrites;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment zeroes = arena.allocate(ZERO_BYTES, PAGE_BYTES);
  private final BoundedQueue<Dio> pool = new BoundedQueue<>(POOLED);

  public DirectIo(BlockDevice device) {
    this.device = device;
    geometry = device.geometry();
    alignmentMask = geometry.offsetAlignmentBytes() - 1;
    memoryMask = geometry.memoryAlignmentBytes() - 1;
    durableWrites = geometry.fua() || !geometry.volatileCache();
  }

  /**
   * Starts a request. Its position, length and memory must be aligned as the device asks, else it
   * completes with {@code -EINVAL}.
   */
  public void submit(DioFile file, Kiocb kiocb) {
    long position = kiocb.position();
    long length = kiocb.lengthBytes();
    if (position < 0
        || ((position | length) & alignmentMask) != 0
        || !kiocb.memory().isNative()
        || (kiocb.memory().address() & memoryMask) != 0) {
      refuse(file, kiocb, -Errno.EINVAL);
      return;
    }
    file.completions().inFlight().begin();
    if (!kiocb.isWrite()) {
      // Sampled after the count went up: truncate, which waits for the count, cannot shrink the
      // file under the request. A size that grows meanwhile is seen or not, as with any race.
      length = Math.min(length, file.sizeBytes() - position);
    }
    if (length <= 0) {
      file.completions().inFlight().end();
      refuse(file, kiocb, 0);
      return;
    }
    Dio pooled = pool.poll();
    Dio dio = pooled != null ? pooled : new Dio(this, BIOS);
    dio.begin(file, kiocb, length);
    advance(dio, !device.onCompletionThread() && (kiocb.flags() & Kiocb.NOWAIT) == 0);
  }

  /** Frees the layer's memory. Nothing may be in flight. */
  @Override
  public void close() {
    arena.close();
  }

  /** A request that never became one: the hook still hears of it, to release what it carries. */
  private static void refuse(DioFile file, Kiocb kiocb, int result) {
    kiocb.kiComplete(file.endIo(kiocb, kiocb.position(), 0, result));
  }

  /** Maps and submits until the request is covered, fails, or would have to wait. */
  private void advance(Dio dio, boolean mayBlock) {
    BlockMapping mapping = dio.mapping();
    Kiocb kiocb = dio.kiocb();
    while (dio.mappedBytes() < dio.lengthBytes() && !dio.hasFailed()) {
      long at = dio.byteOffset() + dio.mappedBytes();
      long rest = dio.lengthBytes() - dio.mappedBytes();
      int result = dio.file().map(kiocb, at, rest, mayBlock, mapping);
      if (result == -Errno.EAGAIN && !mayBlock && (kiocb.flags() & Kiocb.NOWAIT) == 0) {
        dio.file().completions().deferred().punt(() -> advance(dio, true));
        return;
      }
      if (result != 0) {
        dio.failed(-result);
        break;
      }
      long length = Math.min(rest, mapping.endByteOffset() - at);
      if (length <= 0) {
        dio.failed(Errno.EIO);
        break;
      }
      if (kiocb.isWrite()) {
        write(dio, mapping, at, length);
      } else {
        read(dio, mapping, at, length);
      }
      dio.mapped(length);
    }
    dio.drop();
  }

  private void read(Dio dio, BlockMapping mapping, long at, long length) {
    MemorySegment memory = dio.kiocb().memory();
    if (mapping.state() != BlockMapping.State.MAPPED) {
      memory.asSlice(at - dio.byteOffset(), length).fill((byte) 0);
      return;
    }
    // The last sector of a file whose size is not a multiple of it is read whole.
    long aligned = (length + alignmentMask) & ~(long) alignmentMask;
    transfer(dio, mapping, at, aligned, false);
  }

  private void write(Dio dio, BlockMapping mapping, long at, long length) {
    boolean fua = false;
    switch (mapping.state()) {
      case HOLE -> {
        dio.failed(Errno.EIO);
        return;
      }
      case MAPPED -> {
        if (dio.kiocb().isSync()) {
          boolean pure = !mapping.has(BlockMapping.DIRTY_METADATA) && durableWrites;
          fua = pure && geometry.volatileCache();
          if (!pure) {
            dio.syncAfterwards();
          }
        }
      }
      case UNWRITTEN, NEW -> {
        zeroEdges(dio, mapping, at, length);
        if (dio.kiocb().isSync()) {
          dio.syncAfterwards();
        }
      }
    }
    if (mapping.has(BlockMapping.DEFER_COMPLETION)) {
      dio.convertAfterwards();
    }
    transfer(dio, mapping, at, length, fua);
  }

  private void transfer(Dio dio, BlockMapping mapping, long at, long length, boolean fua) {
    Kiocb kiocb = dio.kiocb();
    long target = mapping.deviceByteOffset() + (at - mapping.fileByteOffset());
    long from = at - dio.byteOffset();
    while (length > 0) {
      long part = Math.min(length, geometry.maxTransferBytes());
      MemorySegment memory = kiocb.memory();
      if (part != memory.byteSize()) {
        memory = memory.asSlice(from, part);
      }
      Dio.Bio bio = dio.nextBio();
      bio.prepare(kiocb.isWrite(), target, memory, fua);
      bio.registered(kiocb.bufferIndex());
      device.submit(bio);
      target += part;
      from += part;
      length -= part;
    }
  }

  /**
   * The blocks at the ends of a write into unwritten or new blocks become readable as a whole:
   * zeroes go to the parts of them that the write does not cover.
   */
  private void zeroEdges(Dio dio, BlockMapping mapping, long at, long length) {
    int blockMask = dio.file().blockSizeBytes() - 1;
    long headStart = at & ~(long) blockMask;
    long end = at + length;
    long tailEnd = (end + blockMask) & ~(long) blockMask;
    if (at == dio.byteOffset() && headStart < at) {
      zero(dio, mapping, headStart, at - headStart);
    }
    if (end == dio.byteOffset() + dio.lengthBytes() && end < tailEnd) {
      zero(dio, mapping, end, tailEnd - end);
    }
  }

  private void zero(Dio dio, BlockMapping mapping, long at, long length) {
    long target = mapping.deviceByteOffset() + (at - mapping.fileByteOffset());
    while (length > 0) {
      long part = Math.min(length, ZERO_BYTES);
      Dio.Bio bio = dio.nextBio();
      bio.write(target, zeroes.asSlice(0, part));
      device.submit(bio);
      target += part;
      length -= part;
    }
  }

  /** Bytes of the last sector behind the end of the file are not the caller's to see. */
  void clearBehindEnd(Kiocb kiocb, long readBytes) {
    long sectorEnd = (readBytes + alignmentMask) & ~(long) alignmentMask;
    if (readBytes < sectorEnd) {
      kiocb.memory().asSlice(readBytes, sectorEnd - readBytes).fill((byte) 0);
    }
  }

  void recycle(Dio dio) {
    boolean unused = pool.offer(dio);
  }
}
