package dev.dioring.ext4lite.cli;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.fs.Ext4File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Touches every block of a file once in random order, with a fixed number of requests in flight.
 */
final class DemoWorkload {
  private static final int BLOCK_BYTES = 4096;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int SPREAD = 0x9E3779B1;

  private final Ext4File file;
  private final int blocks;
  private final int depth;
  private final Set<String> threads = new ConcurrentSkipListSet<>();

  DemoWorkload(Ext4File file, long sizeBytes, int depth) {
    this.file = file;
    this.depth = depth;
    blocks = (int) (sizeBytes / BLOCK_BYTES);
    if (Integer.bitCount(blocks) != 1) {
      throw new IllegalArgumentException("the number of blocks must be a power of two");
    }
  }

  /** Names of the threads that completed writes. */
  Set<String> completionThreads() {
    return threads;
  }

  /** Writes every block; its content tells its number and the round. @return IOPS */
  double write(int round) {
    return pass(new Pass(true, round));
  }

  /** Reads every block and compares it with the last round's. @return IOPS */
  double readAndVerify() {
    return pass(new Pass(false, 2));
  }

  private double pass(Pass pass) {
    try (Arena arena = Arena.ofShared()) {
      long start = System.nanoTime();
      for (int i = 0; i < depth; i++) {
        new Slot(pass, arena.allocate(BLOCK_BYTES, BLOCK_BYTES)).next();
      }
      pass.done.await();
      double seconds = (double) (System.nanoTime() - start) / NANOS_PER_SECOND;
      if (pass.errno.get() != 0) {
        throw new CliException(
            ExitStatus.IO, "the demonstration failed: " + Errno.describe(pass.errno.get()));
      }
      return blocks / seconds;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitStatus.SOFTWARE, "interrupted");
    }
  }

  private final class Pass {
    final boolean write;
    final int round;
    final AtomicInteger nextIndex = new AtomicInteger();
    final AtomicInteger errno = new AtomicInteger();
    final CountDownLatch done = new CountDownLatch(depth);

    Pass(boolean write, int round) {
      this.write = write;
      this.round = round;
    }
  }

  private final class Slot extends Kiocb {
    private final Pass pass;
    private final MemorySegment memory;
    private int block;

    Slot(Pass pass, MemorySegment memory) {
      this.pass = pass;
      this.memory = memory;
    }

    void next() {
      int index = pass.nextIndex.getAndIncrement();
      if (index >= blocks || pass.errno.get() != 0) {
        pass.done.countDown();
        return;
      }
      // An odd factor modulo a power of two meets every block once.
      block = (index * SPREAD) & (blocks - 1);
      long position = (long) block * BLOCK_BYTES;
      if (pass.write) {
        memory.set(ValueLayout.JAVA_INT, 0, block);
        memory.set(ValueLayout.JAVA_INT, BLOCK_BYTES - Integer.BYTES, pass.round);
        write(position, memory, 0);
      } else {
        read(position, memory, 0);
      }
      file.submit(this);
    }

    @Override
    protected void kiComplete(long result) {
      if (result != BLOCK_BYTES) {
        pass.errno.compareAndSet(0, result < 0 ? (int) -result : Errno.EIO);
      } else if (pass.write) {
        if (pass.round == 1) {
          threads.add(Thread.currentThread().getName());
        }
      } else if (memory.get(ValueLayout.JAVA_INT, 0) != block
          || memory.get(ValueLayout.JAVA_INT, BLOCK_BYTES - Integer.BYTES) != pass.round) {
        pass.errno.compareAndSet(0, Errno.EIO);
      }
      next();
    }
  }
}
