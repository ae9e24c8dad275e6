package dev.dioring.engine.ring;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoUringResources;
import dev.dioring.engine.memory.BufferPool;
import java.util.BitSet;

/**
 * Memory registered with a ring: READ_FIXED and WRITE_FIXED name it by index and need not pin its
 * pages. Confined to the poller thread.
 */
public final class RegisteredBuffers {
  private static final int CAPACITY = 256;

  private final int ringFd;
  private final BitSet used = new BitSet(CAPACITY);
  private boolean made;

  RegisteredBuffers(int ringFd) {
    this.ringFd = ringFd;
  }

  /**
   * Registers a pool's regions in a row.
   *
   * @return the index of the first, or {@code -errno}: kernels before 5.19 have no such table, and
   *     the limit of locked memory may forbid it
   */
  public int add(BufferPool pool) {
    if (!made) {
      int result = IoUringResources.sparseBuffers(ringFd, CAPACITY);
      if (result < 0) {
        return result;
      }
      made = true;
    }
    int first = firstOfFree(pool.regionCount());
    if (first < 0) {
      return first;
    }
    for (int region = 0; region < pool.regionCount(); region++) {
      int result = IoUringResources.setBuffer(ringFd, first + region, pool.region(region));
      if (result < 0) {
        remove(first, region);
        return result;
      }
      used.set(first + region);
    }
    return first;
  }

  /** Forgets a row of regions, which no operation in flight may use. */
  public void remove(int first, int count) {
    for (int index = first; index < first + count; index++) {
      if (IoUringResources.clearBuffer(ringFd, index) >= 0) {
        used.clear(index);
      }
    }
  }

  private int firstOfFree(int count) {
    int first = used.nextClearBit(0);
    while (first + count <= CAPACITY) {
      int taken = used.nextSetBit(first);
      if (taken < 0 || taken >= first + count) {
        return first;
      }
      first = used.nextClearBit(taken);
    }
    return -Errno.ENOSPC;
  }
}
