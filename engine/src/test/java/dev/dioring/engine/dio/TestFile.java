package dev.dioring.engine.dio;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A filesystem of one file: a table says for each block whether it is a hole, unwritten or written,
 * and it lies on the device in reverse order, so that no two blocks are adjacent.
 */
class TestFile implements DioFile {
  static final int BLOCK_BYTES = 4096;

  enum Block {
    HOLE,
    UNWRITTEN,
    WRITTEN
  }

  final Block[] blocks;
  final List<String> events = new ArrayList<>();
  final ReentrantLock lock = new ReentrantLock();
  final AtomicInteger syncs = new AtomicInteger();

  /** A conversion takes a permit; a test can keep it waiting. */
  final Semaphore conversions = new Semaphore(Integer.MAX_VALUE);

  private final BlockDevice device;
  private final FileCompletions completions;
  private final boolean sequential;
  private volatile long sizeBytes;
  volatile int convertErrno;
  volatile boolean wouldBlock;

  TestFile(BlockDevice device, DeferredCompletions deferred, int blockCount, boolean sequential) {
    this.device = device;
    this.sequential = sequential;
    completions = new FileCompletions(this, deferred);
    blocks = new Block[blockCount];
    Arrays.fill(blocks, Block.UNWRITTEN);
    sizeBytes = (long) blockCount * BLOCK_BYTES;
  }

  void size(long bytes) {
    sizeBytes = bytes;
  }

  void fill(Block state) {
    Arrays.fill(blocks, state);
  }

  long deviceByteOffset(long blockNr) {
    return (sequential ? blockNr : blocks.length - 1 - blockNr) * BLOCK_BYTES;
  }

  @Override
  public int map(
      Kiocb kiocb, long byteOffset, long lengthBytes, boolean mayBlock, BlockMapping mapping) {
    if (wouldBlock && !mayBlock) {
      return -Errno.EAGAIN;
    }
    int blockNr = (int) (byteOffset / BLOCK_BYTES);
    if (blockNr >= blocks.length) {
      return -Errno.ENOSPC;
    }
    lock.lock();
    try {
      Block state = blocks[blockNr];
      int count = 1;
      while (sequential && blockNr + count < blocks.length && blocks[blockNr + count] == state) {
        count++;
      }
      BlockMapping.State mapped =
          switch (state) {
            case HOLE -> BlockMapping.State.HOLE;
            case UNWRITTEN -> BlockMapping.State.UNWRITTEN;
            case WRITTEN -> BlockMapping.State.MAPPED;
          };
      boolean defer =
          kiocb.isWrite()
              && (state == Block.UNWRITTEN || kiocb.position() + kiocb.lengthBytes() > sizeBytes);
      mapping.set(
          mapped,
          (long) blockNr * BLOCK_BYTES,
          (long) count * BLOCK_BYTES,
          deviceByteOffset(blockNr),
          defer ? BlockMapping.DEFER_COMPLETION : 0);
      return 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void convert(ConversionBatch batch) {
    conversions.acquireUninterruptibly();
    conversions.release();
    lock.lock();
    try {
      for (int i = 0; i < batch.count(); i++) {
        events.add("convert");
        if (convertErrno != 0) {
          batch.fail(i, convertErrno);
          continue;
        }
        long end = batch.byteOffset(i) + batch.lengthBytes(i);
        for (long at = batch.byteOffset(i) / BLOCK_BYTES; at * BLOCK_BYTES < end; at++) {
          blocks[(int) at] = Block.WRITTEN;
        }
        sizeBytes = Math.max(sizeBytes, end);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long endIo(Kiocb kiocb, long byteOffset, long transferredBytes, long result) {
    lock.lock();
    try {
      events.add("endIo " + completions.inFlight().count());
    } finally {
      lock.unlock();
    }
    return result;
  }

  @Override
  public int sync(boolean dataOnly) {
    syncs.incrementAndGet();
    return 0;
  }

  @Override
  public BlockDevice device() {
    return device;
  }

  @Override
  public int blockSizeBytes() {
    return BLOCK_BYTES;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public FileCompletions completions() {
    return completions;
  }
}
