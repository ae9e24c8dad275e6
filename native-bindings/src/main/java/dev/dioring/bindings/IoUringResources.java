package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.iouring.IoUringH;
import dev.dioring.bindings.generated.iouring.io_uring_files_update;
import dev.dioring.bindings.generated.iouring.io_uring_rsrc_register;
import dev.dioring.bindings.generated.iouring.io_uring_rsrc_update;
import dev.dioring.bindings.generated.iouring.io_uring_rsrc_update2;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Registers descriptors and memory with a ring, so that operations name them by index and the
 * kernel need not look them up and pin them each time. All return {@code -errno} on failure.
 */
public final class IoUringResources {
  private static final int NO_FILE = -1;

  private IoUringResources() {}

  /** Makes a table of {@code count} empty slots for descriptors. Linux 5.5. */
  public static int sparseFiles(int ringFd, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(JAVA_INT, count);
      for (int i = 0; i < count; i++) {
        fds.setAtIndex(JAVA_INT, i, NO_FILE);
      }
      return IoUringCalls.register(ringFd, Uring.REGISTER_FILES, fds, count);
    }
  }

  /** Puts a descriptor into a slot. */
  public static int setFile(int ringFd, int index, int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment update = arena.allocate(io_uring_files_update.layout());
      io_uring_files_update.offset(update, index);
      io_uring_files_update.fds(update, arena.allocateFrom(JAVA_INT, fd).address());
      return IoUringCalls.register(ringFd, Uring.REGISTER_FILES_UPDATE, update, 1);
    }
  }

  /** Empties a slot. The kernel keeps the file open until operations on it have ended. */
  public static int clearFile(int ringFd, int index) {
    return setFile(ringFd, index, NO_FILE);
  }

  /** Makes a table of {@code count} empty slots for memory. Linux 5.19. */
  public static int sparseBuffers(int ringFd, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment register = arena.allocate(io_uring_rsrc_register.layout());
      io_uring_rsrc_register.nr(register, count);
      io_uring_rsrc_register.flags(register, IoUringH.IORING_RSRC_REGISTER_SPARSE());
      return IoUringCalls.register(
          ringFd, Uring.REGISTER_BUFFERS2, register, (int) register.byteSize());
    }
  }

  /** Pins memory of at most 1 GiB and puts it into a slot. */
  public static int setBuffer(int ringFd, int index, MemorySegment memory) {
    return setBuffer(ringFd, index, memory.address(), memory.byteSize());
  }

  /** Empties a slot. The kernel keeps the memory pinned until operations on it have ended. */
  public static int clearBuffer(int ringFd, int index) {
    return setBuffer(ringFd, index, 0, 0);
  }

  /**
   * Registers a ring's own descriptor with the calling thread. Linux 5.18.
   *
   * @return its index for ENTER_REGISTERED_RING
   */
  public static int ownDescriptor(int ringFd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment update = arena.allocate(io_uring_rsrc_update.layout());
      io_uring_rsrc_update.offset(update, -1);
      io_uring_rsrc_update.data(update, ringFd);
      int registered = IoUringCalls.register(ringFd, Uring.REGISTER_RING_FDS, update, 1);
      if (registered == 0) {
        return -Errno.EINVAL;
      }
      return registered < 0 ? registered : io_uring_rsrc_update.offset(update);
    }
  }

  private static int setBuffer(int ringFd, int index, long address, long lengthBytes) {
    try (Arena arena = Arena.ofConfined()) {
      IoVec vector = new IoVec(arena, 1);
      vector.set(0, address, lengthBytes);
      MemorySegment tag = arena.allocate(JAVA_LONG);
      MemorySegment update = arena.allocate(io_uring_rsrc_update2.layout());
      io_uring_rsrc_update2.offset(update, index);
      io_uring_rsrc_update2.data(update, vector.segment().address());
      io_uring_rsrc_update2.tags(update, tag.address());
      io_uring_rsrc_update2.nr(update, 1);
      return IoUringCalls.register(
          ringFd, Uring.REGISTER_BUFFERS_UPDATE, update, (int) update.byteSize());
    }
  }
}
