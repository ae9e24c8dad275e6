package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.OpenOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * How a volume is opened.
 *
 * @param readOnly whether to open it for reading only
 * @param noLoad whether to read an image whose journal has not been replayed, as it is
 * @param journal the file or device of its journal, or null if that is in the image
 * @param device how its file or device is opened
 * @param cacheBytes memory for metadata blocks
 * @param commitNanos how long a change of metadata stays in memory at most
 * @param behaviour what it does by itself meanwhile
 * @param mountedOn the directory it is mounted on, or empty
 * @param clock where timestamps come from. It ticks in milliseconds, as the times of writes do:
 *     else a file could look older than another that was made before it was written
 */
public record VolumeOptions(
    boolean readOnly,
    boolean noLoad,
    @Nullable Path journal,
    OpenOptions device,
    long cacheBytes,
    long commitNanos,
    Behaviour behaviour,
    String mountedOn,
    Clock clock) {
  private static final long CACHE_BYTES = 64L << 20;
  private static final long COMMIT_NANOS = 5_000_000_000L;

  /** Read-write where the image allows it. */
  public static final VolumeOptions READ_WRITE =
      new VolumeOptions(
          false,
          false,
          null,
          OpenOptions.DEFAULT,
          CACHE_BYTES,
          COMMIT_NANOS,
          Behaviour.DEFAULT,
          "",
          Clock.tickMillis(ZoneOffset.UTC));

  /** Reading only. */
  public static final VolumeOptions READ_ONLY = READ_WRITE.withReadOnly(true);

  public VolumeOptions withReadOnly(boolean on) {
    return new VolumeOptions(
        on, noLoad, journal, device, cacheBytes, commitNanos, behaviour, mountedOn, clock);
  }

  public VolumeOptions withNoLoad(boolean on) {
    return new VolumeOptions(
        readOnly, on, journal, device, cacheBytes, commitNanos, behaviour, mountedOn, clock);
  }

  /** Names the device that the journal lies on, where that is not the image itself. */
  public VolumeOptions withJournal(@Nullable Path path) {
    return new VolumeOptions(
        readOnly, noLoad, path, device, cacheBytes, commitNanos, behaviour, mountedOn, clock);
  }

  public VolumeOptions withDevice(OpenOptions options) {
    return new VolumeOptions(
        readOnly, noLoad, journal, options, cacheBytes, commitNanos, behaviour, mountedOn, clock);
  }

  public VolumeOptions withCacheBytes(long bytes) {
    return new VolumeOptions(
        readOnly, noLoad, journal, device, bytes, commitNanos, behaviour, mountedOn, clock);
  }

  public VolumeOptions withCommitNanos(long nanos) {
    return new VolumeOptions(
        readOnly, noLoad, journal, device, cacheBytes, nanos, behaviour, mountedOn, clock);
  }

  public VolumeOptions withBehaviour(Behaviour what) {
    return new VolumeOptions(
        readOnly, noLoad, journal, device, cacheBytes, commitNanos, what, mountedOn, clock);
  }

  public VolumeOptions withMountedOn(String directory) {
    return new VolumeOptions(
        readOnly, noLoad, journal, device, cacheBytes, commitNanos, behaviour, directory, clock);
  }

  public VolumeOptions withClock(Clock source) {
    return new VolumeOptions(
        readOnly, noLoad, journal, device, cacheBytes, commitNanos, behaviour, mountedOn, source);
  }
}
