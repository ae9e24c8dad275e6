package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Completes the requests that come to a closed device. A callback may submit its request again at
 * once: that waits for its turn here, instead of calling the callback from within itself. Any
 * thread.
 */
final class Refusals {
  private final ConcurrentLinkedQueue<BlockRequest> requests = new ConcurrentLinkedQueue<>();

  /** Requests added and not yet completed: whoever raises it from 0 completes them all. */
  private final AtomicInteger pending = new AtomicInteger();

  /** Completes a request with ESHUTDOWN, here or on the thread that is just doing so. */
  void refuse(BlockRequest request) {
    requests.add(request);
    if (pending.getAndIncrement() > 0) {
      return;
    }
    do {
      BlockRequest next = requests.poll();
      if (next == null) {
        throw new AssertionError("a refusal was counted before it was added");
      }
      next.complete(-Errno.ESHUTDOWN);
    } while (pending.decrementAndGet() > 0);
  }
}
