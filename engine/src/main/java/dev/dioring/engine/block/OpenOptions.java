package dev.dioring.engine.block;

import dev.dioring.engine.ring.RingOptions;

/**
 * How a file or device is opened.
 *
 * @param readOnly whether modifying requests fail with EROFS
 * @param buffered whether the page cache is used instead of O_DIRECT
 * @param region which part of it is the device
 * @param backend which backend serves it
 * @param ring the ring of the uring backend; its operations bound what is in flight
 * @param registration what is registered with that ring, where the kernel allows it
 * @param bufferBytes size of each pooled buffer
 * @param bufferCount number of pooled buffers
 */
public record OpenOptions(
    boolean readOnly,
    boolean buffered,
    Region region,
    Backend backend,
    RingOptions ring,
    Registration registration,
    int bufferBytes,
    int bufferCount) {
  /** Choice of backend. */
  public enum Backend {
    /** io_uring where it is allowed and faster, else system calls on threads. */
    AUTO,
    URING,
    SYNC
  }

  private static final int OPERATIONS = 256;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int BUFFER_COUNT = 64;

  /** Read-write, direct, automatic backend. */
  public static final OpenOptions DEFAULT =
      new OpenOptions(
          false,
          false,
          Region.WHOLE,
          Backend.AUTO,
          RingOptions.of(OPERATIONS),
          Registration.ALL,
          BUFFER_BYTES,
          BUFFER_COUNT);

  public OpenOptions withReadOnly(boolean on) {
    return new OpenOptions(
        on, buffered, region, backend, ring, registration, bufferBytes, bufferCount);
  }

  public OpenOptions withBuffered(boolean on) {
    return new OpenOptions(
        readOnly, on, region, backend, ring, registration, bufferBytes, bufferCount);
  }

  public OpenOptions withRegion(Region part) {
    return new OpenOptions(
        readOnly, buffered, part, backend, ring, registration, bufferBytes, bufferCount);
  }

  public OpenOptions withBackend(Backend choice) {
    return new OpenOptions(
        readOnly, buffered, region, choice, ring, registration, bufferBytes, bufferCount);
  }

  public OpenOptions withRing(RingOptions options) {
    return new OpenOptions(
        readOnly, buffered, region, backend, options, registration, bufferBytes, bufferCount);
  }

  public OpenOptions withRegistration(Registration what) {
    return new OpenOptions(
        readOnly, buffered, region, backend, ring, what, bufferBytes, bufferCount);
  }

  public OpenOptions withBuffers(int bytes, int count) {
    return new OpenOptions(readOnly, buffered, region, backend, ring, registration, bytes, count);
  }
}
