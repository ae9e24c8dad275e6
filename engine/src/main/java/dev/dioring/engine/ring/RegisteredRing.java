package dev.dioring.engine.ring;

import dev.dioring.bindings.ResourceUpdate;
import dev.dioring.bindings.Uring;
import java.lang.foreign.Arena;

/** Registration of a ring's own descriptor with the thread that uses it. */
final class RegisteredRing {
  private RegisteredRing() {}

  /** Registers the descriptor. @return its index, or {@code -errno} on kernels before 5.18 */
  static int register(int ringFd) {
    try (Arena arena = Arena.ofConfined()) {
      ResourceUpdate update = new ResourceUpdate(arena);
      update.set(ResourceUpdate.ANY_INDEX, ringFd);
      int registered =
          dev.dioring.bindings.IoUringCalls.register(
              ringFd, Uring.REGISTER_RING_FDS, update.segment(), 1);
      return registered == 1 ? update.index() : Math.min(registered, -1);
    }
  }
}
