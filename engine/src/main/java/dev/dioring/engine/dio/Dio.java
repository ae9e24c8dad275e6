package dev.dioring.engine.dio;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockRequest;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One request in flight: counts its parts, keeps the first error, and decides at the last part how
 * it completes. Pooled; it is its own work item, so deferring a completion allocates nothing.
 *
 * <p>The submitting thread owns all fields until it drops its reference; then the last part's
 * thread does; then, if deferred, the mount's worker. Only the counter and the error are shared.
 */
final class Dio {
  /** Parts in flight at once at most: a request with more goes on when these have ended. */
  static final int BIOS_MAX = 64;

  /** Parts that one mapping may take: zeroes before and behind it, and a run before its own. */
  private static final int BIOS_PER_MAPPING = 4;

  private final DirectIo engine;

  /** Parts in flight, plus one while the submission goes on. */
  private final AtomicInteger references = new AtomicInteger();

  /** The first error, as an errno; 0 while there is none. */
  private final AtomicInteger error = new AtomicInteger();

  /** The filesystem's answers, one at a time, for the submitting thread. */
  private final BlockMapping mapping = new BlockMapping();

  private final PendingRun run = new PendingRun();

  private Bio[] bios;
  private int bioCount;

  private @Nullable DioFile file;
  private @Nullable Kiocb kiocb;

  /** Start of the request, what of it lies in the file, and how far it has been mapped. */
  private long byteOffset;

  private long lengthBytes;
  private long mappedBytes;

  /** Only ever turned on, as mappings show that the completion has to do more. */
  private boolean convert;

  private boolean syncAfter;

  /** Whether the submission goes on when no part is in flight any more. */
  private boolean paused;

  private int parity;
  private long result;

  /** Next in the file's stack of deferred requests, or in a row of nested completions. */
  @Nullable Dio nextDeferred;

  Dio(DirectIo engine, int bios) {
    this.engine = engine;
    this.bios = new Bio[bios];
    for (int i = 0; i < bios; i++) {
      this.bios[i] = new Bio();
    }
  }

  void begin(DioFile file, Kiocb kiocb, long lengthBytes) {
    this.file = file;
    this.kiocb = kiocb;
    this.byteOffset = kiocb.position();
    this.lengthBytes = lengthBytes;
    mappedBytes = 0;
    bioCount = 0;
    convert = false;
    syncAfter = false;
    paused = false;
    run.clear();
    error.setPlain(0);
    // The submission's own reference, dropped last, keeps early parts from completing the request.
    references.set(1);
  }

  DioFile file() {
    return present(file);
  }

  Kiocb kiocb() {
    return present(kiocb);
  }

  BlockMapping mapping() {
    return mapping;
  }

  PendingRun run() {
    return run;
  }

  long byteOffset() {
    return byteOffset;
  }

  long lengthBytes() {
    return lengthBytes;
  }

  long mappedBytes() {
    return mappedBytes;
  }

  void mapped(long bytes) {
    mappedBytes += bytes;
  }

  /**
   * The bytes that become part of the file: all that a request moved which did not fail, but for
   * padding. Parts end in any order, so no prefix is known to be on the medium once one has failed.
   */
  long convertedBytes() {
    return (kiocb().flags() & Kiocb.KEEP_SIZE) == 0
        ? lengthBytes
        : Math.max(0, Math.min(lengthBytes, file().sizeBytes() - byteOffset));
  }

  void convertAfterwards() {
    convert = true;
  }

  boolean wantsConversion() {
    return convert;
  }

  void syncAfterwards() {
    syncAfter = true;
  }

  boolean wantsSync() {
    return syncAfter && result >= 0;
  }

  boolean wantsFullSync() {
    return wantsSync() && (kiocb().flags() & Kiocb.SYNC) != 0;
  }

  int parity() {
    return parity;
  }

  void failed(int errno) {
    error.compareAndSet(0, errno);
  }

  boolean hasFailed() {
    return error.get() != 0;
  }

  /** A part, to be prepared and submitted; it holds a reference until it completes. */
  Bio nextBio() {
    if (bioCount == bios.length) {
      Bio[] more = Arrays.copyOf(bios, Math.min(bios.length * 2, BIOS_MAX));
      for (int i = bios.length; i < more.length; i++) {
        more[i] = new Bio();
      }
      bios = more;
    }
    references.incrementAndGet();
    return bios[bioCount++];
  }

  /** Whether one more mapping may be submitted before parts have ended. */
  boolean hasRoom() {
    return bioCount + BIOS_PER_MAPPING <= BIOS_MAX;
  }

  /** The submission stops here; whoever drops the last reference lets it go on. */
  void pause() {
    paused = true;
  }

  /**
   * For whoever dropped the last reference: whether the submission has to go on now, with a
   * reference of its own again. After an error it does not.
   */
  boolean resumes() {
    if (!paused || hasFailed()) {
      return false;
    }
    paused = false;
    bioCount = 0;
    references.set(1);
    return true;
  }

  /** Drops a part's reference, on the completion thread. */
  void drop() {
    if (!dropLast()) {
      return;
    }
    if (resumes()) {
      engine.advance(this, false);
    } else if (!defer()) {
      completeInline();
    }
  }

  /**
   * Drops a reference. Whoever drops the last one owns the request from here on: no part is in
   * flight, nobody else holds it, and its fields may be read without further ado. The owner
   * completes it inline or gives it to the mount's executor, exactly once. Whoever did not drop the
   * last one may not touch it again, as it may already serve another request.
   */
  boolean dropLast() {
    return references.decrementAndGet() == 0;
  }

  /** Gives the request to the mount's executor, if its completion has work that may block. */
  boolean defer() {
    if (error.get() != 0) {
      // Nothing is converted: what was written stays hidden in its unwritten extent.
      convert = false;
      syncAfter = false;
    }
    if (!convert && !syncAfter) {
      return false;
    }
    FileCompletions completions = file().completions();
    parity = completions.deferred().admit();
    completions.defer(this);
    return true;
  }

  void completeInline() {
    file().completions().deferred().inline.increment();
    ended(0);
    completeCaller(0);
  }

  /**
   * First half of the completion: the filesystem's hook.
   *
   * <p>The order of a whole completion, inline or deferred: convert what was written; {@code
   * endIo}; the sync that an O_DSYNC or O_SYNC write asked for; the in-flight count; this object
   * goes back to its pool; the caller. So whoever waits for the count, truncate or unmount, never
   * meets an unconverted completion, nor one that still needs the file.
   */
  void ended(int conversionErrno) {
    Kiocb k = kiocb();
    int errno = error.get() != 0 ? error.get() : conversionErrno;
    long transferred = errno == 0 ? lengthBytes : 0;
    if (errno == 0 && !k.isWrite()) {
      engine.clearBehindEnd(k, lengthBytes);
    }
    try {
      result = file().endIo(k, byteOffset, transferred, errno == 0 ? lengthBytes : -errno);
    } catch (RuntimeException | Error e) {
      CompletionBatch.report(e);
      result = -Errno.EIO;
    }
  }

  /** Second half: the count, and the caller, who may submit again at once. */
  void completeCaller(int syncResult) {
    Kiocb k = kiocb();
    long r = syncResult < 0 && result >= 0 ? syncResult : result;
    InFlight inFlight = file().completions().inFlight();
    file = null;
    kiocb = null;
    engine.recycle(this);
    inFlight.end();
    try {
      k.kiComplete(r);
    } catch (RuntimeException | Error e) {
      CompletionBatch.report(e);
    }
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("a direct I/O without a request");
    }
    return value;
  }

  /** One contiguous part on the device. */
  final class Bio extends BlockRequest {
    @Override
    protected void completed(int transferred) {
      if (transferred < 0) {
        // Space is the mapper's business: a device that has none left, as a sparse image on a full
        // disk, has failed.
        failed(transferred == -Errno.ENOSPC ? Errno.EIO : -transferred);
      } else if (transferred < lengthBytes()) {
        // The medium ends inside the file's blocks: the image is truncated.
        failed(Errno.EIO);
      }
      drop();
    }

    void prepare(boolean write, long deviceByteOffset, MemorySegment memory, boolean fua) {
      if (!write) {
        read(deviceByteOffset, memory);
      } else if (fua) {
        writeFua(deviceByteOffset, memory);
      } else {
        write(deviceByteOffset, memory);
      }
    }
  }
}
