package dev.dioring.engine.ring;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoUringResources;
import java.util.BitSet;

/**
 * Descriptors registered with a ring: SQE_FIXED_FILE operations name them by index. Confined to the
 * poller thread.
 */
public final class RegisteredFiles {
  private static final int CAPACITY = 64;

  private final int ringFd;
  private final BitSet used = new BitSet(CAPACITY);
  private boolean made;

  RegisteredFiles(int ringFd) {
    this.ringFd = ringFd;
  }

  /** Registers a descriptor. @return its index, or {@code -errno} where that is not possible */
  public int add(int fd) {
    if (!made) {
      int result = IoUringResources.sparseFiles(ringFd, CAPACITY);
      if (result < 0) {
        return result;
      }
      made = true;
    }
    int index = used.nextClearBit(0);
    if (index == CAPACITY) {
      return -Errno.ENFILE;
    }
    int result = IoUringResources.setFile(ringFd, index, fd);
    if (result < 0) {
      return result;
    }
    used.set(index);
    return index;
  }

  /** Forgets a descriptor, which no operation in flight may use. */
  public void remove(int index) {
    if (IoUringResources.clearFile(ringFd, index) >= 0) {
      used.clear(index);
    }
  }
}
