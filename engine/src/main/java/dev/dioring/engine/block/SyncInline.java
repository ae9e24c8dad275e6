package dev.dioring.engine.block;

import java.lang.foreign.Arena;

/** A device whose medium is memory, for one thread that makes the system calls itself. */
final class SyncInline extends ForwardingBlockDevice {
  private final SyncBlockDevice device;
  private final Arena arena = Arena.ofShared();
  private final SystemCalls calls;

  SyncInline(SyncBlockDevice device, int fd) {
    super(device);
    this.device = device;
    calls = new SystemCalls(fd, device.geometry(), arena);
  }

  @Override
  public boolean onCompletionThread() {
    return true;
  }

  @Override
  public boolean completesInSubmit() {
    return true;
  }

  @Override
  public void submit(BlockRequest request) {
    if (device.admit(request)) {
      int result = calls.perform(request);
      request.complete(result);
      device.left();
    }
  }

  /** Nothing is in flight outside of {@link #submit}. */
  @Override
  public void close() {
    arena.close();
  }
}
