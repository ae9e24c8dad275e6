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

  /** Never started: memory that it may access belongs to no one thread. */
  private static final Thread ANY_OTHER_THREAD = Thread.ofVirtual().unstarted(() -> {});

  private final BlockDevice device;
  private final Geometry geometry;
  private final int alignmentMask;
  private final int memoryMask;

  /** Whether a write can be made durable by itself, with FUA or because nothing is cached. */
  private final boolean durableWrites;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment zeroes = arena.allocate(ZERO_BYTES, PAGE_BYTES);
  private final BoundedQueue<Dio> pool = new BoundedQueue<>(POOLED);
  private final NestedCompletions nested = new NestedCompletions();

  public DirectIo(BlockDevice device) {
    this.device = device;
    geometry = device.geometry();
    alignmentMask = geometry.offsetAlignmentBytes() - 1;
    memoryMask = geometry.memoryAlignmentBytes() - 1;
    durableWrites = geometry.fua() || !geometry.volatileCache();
  }

  /**
   * Starts a request. Its position, length and memory must be aligned as the device asks, and the
   * memory must not be confined to one thread, else it completes with {@code -EINVAL}.
   *
   * <p>Never waits on the completion thread. A write that does not cover whole filesystem blocks
   * may zero the rest of its first and last block: the filesystem must keep other requests out of
   * those blocks until {@link DioFile#endIo}.
   */
  public void submit(DioFile file, Kiocb kiocb) {
    if (!isAcceptable(kiocb)) {
      // It never became a request; the hook hears of it to release what it carries.
      kiocb.kiComplete(file.endIo(kiocb, kiocb.position(), 0, -Errno.EINVAL));
      return;
    }
    file.completions().inFlight().begin();
    long length = kiocb.lengthBytes();
    if (!kiocb.isWrite()) {
      // Sampled after the count went up: truncate, which waits for the count, cannot shrink the
      // file under the request. A size that grows meanwhile is seen or not, as with any race.
      length = Math.max(0, Math.min(length, file.sizeBytes() - kiocb.position()));
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

  private boolean isAcceptable(Kiocb kiocb) {
    long position = kiocb.position();
    long length = kiocb.lengthBytes();
    MemorySegment memory = kiocb.memory();
    return position >= 0
        && position <= Long.MAX_VALUE - length
        && ((position | length) & alignmentMask) == 0
        && memory.isNative()
        && (memory.address() & memoryMask) == 0
        && memory.scope().isAlive()
        && memory.isAccessibleBy(ANY_OTHER_THREAD)
        && (kiocb.isWrite() || !memory.isReadOnly());
  }

  /** Goes on with a request, until it needs no submission any more or somebody else goes on. */
  void advance(Dio dio, boolean mayBlock) {
    while (submitParts(dio, mayBlock) && dio.dropLast()) {
      if (!dio.resumes()) {
        if (!dio.defer()) {
          nested.complete(dio, device.onCompletionThread());
        }
        return;
      }
    }
  }

  /**
   * Maps and submits until the request is covered, fails, has enough parts in flight, or would have
   * to wait.
   *
   * @return false if it would have to wait, and goes on elsewhere
   */
  private boolean submitParts(Dio dio, boolean mayBlock) {
    BlockMapping mapping = dio.mapping();
    Kiocb kiocb = dio.kiocb();
    while (dio.mappedBytes() < dio.lengthBytes() && !dio.hasFailed()) {
      if (!dio.hasRoom()) {
        dio.pause();
        break;
      }
      long at = dio.byteOffset() + dio.mappedBytes();
      long rest = dio.lengthBytes() - dio.mappedBytes();
      int result = dio.file().map(kiocb, at, rest, mayBlock, mapping);
      if (result == -Errno.EAGAIN && !mayBlock && (kiocb.flags() & Kiocb.NOWAIT) == 0) {
        submitRun(dio);
        dio.file().completions().deferred().punt(() -> advance(dio, true));
        return false;
      }
      if (result != 0) {
        dio.failed(-result);
        break;
      }
      long length = Math.min(rest, mapping.endByteOffset() - at);
      length = Math.min(length, geometry.maxTransferBytes());
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
    if (!dio.hasFailed()) {
      submitRun(dio);
    }
    return true;
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
        if (at + length > dio.file().sizeBytes()) {
          zeroTail(dio, mapping, at + length);
        }
        if (dio.kiocb().isSync()) {
          boolean durable = isDurableByItself(dio.kiocb(), mapping);
          fua = durable && geometry.volatileCache();
          if (!durable) {
            dio.syncAfterwards();
          }
        }
      }
      case UNWRITTEN, NEW -> {
        zeroHead(dio, mapping, at);
        zeroTail(dio, mapping, at + length);
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

  /** Whether no metadata has to follow the data; a full O_SYNC always writes the file's times. */
  private boolean isDurableByItself(Kiocb kiocb, BlockMapping mapping) {
    return durableWrites
        && (kiocb.flags() & Kiocb.SYNC) == 0
        && !mapping.has(BlockMapping.DIRTY_METADATA)
        && !mapping.has(BlockMapping.DEFER_COMPLETION);
  }

  /** Adds to the run that is not yet submitted, or submits that and starts another. */
  private void transfer(Dio dio, BlockMapping mapping, long at, long length, boolean fua) {
    long target = mapping.deviceByteOffset() + (at - mapping.fileByteOffset());
    long from = at - dio.byteOffset();
    PendingRun run = dio.run();
    boolean fits = run.lengthBytes() + length <= geometry.maxTransferBytes();
    if (!fits || !run.extend(target, from, length, fua)) {
      submitRun(dio);
      run.set(target, from, length, fua);
    }
  }

  private void submitRun(Dio dio) {
    PendingRun run = dio.run();
    if (run.isEmpty()) {
      return;
    }
    Kiocb kiocb = dio.kiocb();
    long target = run.deviceByteOffset();
    long from = run.memoryByteOffset();
    long length = run.lengthBytes();
    boolean fua = run.fua();
    run.clear();
    MemorySegment memory = kiocb.memory();
    if (length != memory.byteSize()) {
      memory = memory.asSlice(from, length);
    }
    Dio.Bio bio = dio.nextBio();
    bio.prepare(kiocb.isWrite(), target, memory, fua);
    bio.registered(kiocb.bufferIndex());
    device.submit(bio);
  }

  /**
   * The first block of a write into unwritten or new blocks becomes readable as a whole: zeroes go
   * to what lies before the write.
   */
  private void zeroHead(Dio dio, BlockMapping mapping, long at) {
    long blockStart = at & -(long) dio.file().blockSizeBytes();
    if (at == dio.byteOffset() && blockStart < at) {
      zero(dio, mapping, blockStart, at - blockStart);
    }
  }

  /**
   * So does the last block, and that of a write which grows the file inside written blocks: what
   * lies behind the end of a file was never checked to be zero.
   */
  private void zeroTail(Dio dio, BlockMapping mapping, long end) {
    long blockEnd = (end + dio.file().blockSizeBytes() - 1) & -(long) dio.file().blockSizeBytes();
    if (end == dio.byteOffset() + dio.lengthBytes() && end < blockEnd) {
      zero(dio, mapping, end, blockEnd - end);
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
