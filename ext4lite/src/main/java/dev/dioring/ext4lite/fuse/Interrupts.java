package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.InterruptIn;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Who is asked to end early. Only requests that take many steps, and may stop between two of them,
 * look here; what waits for a lock, a commit or a transfer completes, as in the kernel's ext4,
 * where such waits end for no signal either.
 */
final class Interrupts {
  /** Requests under way that can be interrupted, by their number. */
  private final ConcurrentMap<Long, AtomicBoolean> running = new ConcurrentHashMap<>();

  void register(Dispatcher dispatcher) {
    dispatcher.on(FuseOpcode.INTERRUPT, this::interrupt);
  }

  /** Says that a request may be interrupted from now on. @return true once that is asked for */
  AtomicBoolean begin(Request request) {
    AtomicBoolean asked = new AtomicBoolean();
    running.put(request.unique(), asked);
    return asked;
  }

  /** Before the request is answered: its number may be used again. */
  void end(Request request) {
    running.remove(request.unique());
  }

  /** One that came too late, or asks what does not look here, has no reply. */
  private void interrupt(Request request) {
    long at = request.arguments(InterruptIn.BYTES);
    AtomicBoolean asked = running.get(InterruptIn.unique(request.memory(), at));
    request.drop();
    if (asked != null) {
      asked.set(true);
    }
  }
}
