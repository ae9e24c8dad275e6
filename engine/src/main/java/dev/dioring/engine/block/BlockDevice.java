package dev.dioring.engine.block;

import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.ring.Poller;
import org.jspecify.annotations.Nullable;

/**
 * An open block device: a regular file, a raw device, or a stand-in. Thread-safe.
 *
 * <p>{@link #submit} is the one way in. {@link BlockIo} adds futures and blocking calls.
 */
public interface BlockDevice extends AutoCloseable {
  Geometry geometry();

  Capabilities capabilities();

  /** A name for messages: the path for files and devices. */
  String name();

  /**
   * Buffers aligned for this device and registered with it where it has registration. If the kernel
   * gives up on the device's ring while it still has some, they stay mapped for ever; for memory
   * from elsewhere the caller has to see to that, when a request ends with EIO and later ones with
   * ESHUTDOWN.
   */
  BufferPool buffers();

  /**
   * Hands over an idle, prepared request. Never throws for a bad request or a closed device: the
   * request then completes with {@code -EINVAL} (see {@link Alignment#explain}) or {@code
   * -ESHUTDOWN}. From the completion thread this never blocks and takes no hop; from another thread
   * it may wait while the hand-over queue is full.
   */
  void submit(BlockRequest request);

  /** Whether the caller runs on the thread that runs this device's completions. */
  boolean onCompletionThread();

  /** Requests that the kernel has now, a moment's view; 0 where that is not counted. */
  default int inFlight() {
    return 0;
  }

  /**
   * Whether a request has completed when {@link #submit} returns, as where copying is all of it.
   */
  default boolean completesInSubmit() {
    return false;
  }

  /**
   * The same device through the ring of another poller, whose thread alone submits to it; it hands
   * nothing over. Closing it, before the poller and this device, ends what it has in flight and
   * leaves this device as it is.
   *
   * @return null where there is no such way
   */
  default @Nullable BlockDevice through(Poller poller) {
    return null;
  }

  /**
   * Stops admission, cancels or drains what is in flight, and frees the device. Every request
   * completes before this returns. Idempotent. Must not be called on the completion thread.
   */
  @Override
  void close();
}
