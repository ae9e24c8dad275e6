package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.Fuse;
import dev.dioring.bindings.fuse.InitIn;
import dev.dioring.bindings.fuse.InitOut;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** INIT, the first request: which version is spoken and what of it is used. */
final class Negotiation {
  /** Largest READ and WRITE; the kernel's own limit unless its administrator raised it. */
  static final int TRANSFER_BYTES_MAX = 1 << 20;

  private static final int PAGE_BYTES = 4096;
  private static final int BACKGROUND_MAX = 64;
  private static final int CONGESTED = 48;
  private static final int MINOR_MIN = 31;
  private static final int NANOS_PER_SECOND = 1_000_000_000;

  /**
   * Directories are not opened, for a cookie says all that there is to know. Files are: only the
   * reply to OPEN can say that one goes past the page cache (so not NO_OPEN_SUPPORT). Locks are the
   * kernel's own, as nobody else has the image. A create needs no groups of its maker
   * (CREATE_SUPP_GROUP): the kernel strips the setgid bit, and the group comes from the directory.
   */
  private static final long WANTED =
      Fuse.INIT_ASYNC_READ
          | Fuse.INIT_ATOMIC_O_TRUNC
          | Fuse.INIT_EXPORT_SUPPORT
          | Fuse.INIT_BIG_WRITES
          | Fuse.INIT_DO_READDIRPLUS
          | Fuse.INIT_READDIRPLUS_AUTO
          | Fuse.INIT_ASYNC_DIO
          | Fuse.INIT_PARALLEL_DIROPS
          | Fuse.INIT_MAX_PAGES
          | Fuse.INIT_CACHE_SYMLINKS
          | Fuse.INIT_NO_OPENDIR_SUPPORT
          | Fuse.INIT_EXPLICIT_INVAL_DATA
          | Fuse.INIT_DONT_MASK
          | Fuse.INIT_POSIX_ACL
          | Fuse.INIT_HANDLE_KILLPRIV_V2
          | Fuse.INIT_SETXATTR_EXT
          | Fuse.INIT_EXT
          | Fuse.INIT_DIRECT_IO_ALLOW_MMAP;

  private final Supplier<@Nullable RingTransport> openRings;
  private final long wanted;
  private final int timeNanosGranularity;
  private final CountDownLatch done = new CountDownLatch(1);

  /** What both sides want; written before {@link #done} counts down. */
  private long agreed;

  private volatile boolean answered;

  /**
   * Prepares the negotiation.
   *
   * @param options whether the kernel is to gather writes in its cache
   * @param volume says whether it keeps to access lists, and how exact times are
   * @param openRings makes the queues of FUSE over io_uring, or null, where the kernel offers that
   */
  Negotiation(
      MountOptions options, Ext4Volume volume, Supplier<@Nullable RingTransport> openRings) {
    wanted =
        (options.writebackCache() ? WANTED | Fuse.INIT_WRITEBACK_CACHE : WANTED)
            & (volume.rules().acl() ? -1 : ~Fuse.INIT_POSIX_ACL);
    boolean exact = volume.superblock().inodeSizeBytes() > Inode.BASE_BYTES;
    timeNanosGranularity = exact ? 1 : NANOS_PER_SECOND;
    this.openRings = openRings;
  }

  void serve(Request request) {
    long at = request.arguments(InitIn.BYTES);
    MemorySegment memory = request.memory();
    int major = InitIn.major(memory, at);
    int minor = InitIn.minor(memory, at);
    if (major < Fuse.KERNEL_VERSION || (major == Fuse.KERNEL_VERSION && minor < MINOR_MIN)) {
      Session.LOG.error("the kernel speaks FUSE {}.{}, which is too old", major, minor);
      request.fail(Errno.EPROTO);
      return;
    }
    int flags = InitIn.flags(memory, at);
    int flags2 = (flags & Fuse.INIT_EXT) != 0 ? InitIn.flags2(memory, at) : 0;
    int readAhead = InitIn.readAheadBytesMax(memory, at);
    long offered = Integer.toUnsignedLong(flags) | (long) flags2 << Integer.SIZE;
    agreed = offered & wanted;
    RingTransport rings = (offered & Fuse.INIT_OVER_IO_URING) == 0 ? null : openRings.get();
    if (rings != null) {
      agreed |= Fuse.INIT_OVER_IO_URING;
    }
    reply(request, minor, readAhead);
    if (rings != null) {
      // A queue that is offered before the reply is turned away.
      rings.register();
    }
    answered = true;
    done.countDown();
  }

  /** Nothing more will come; whoever waits need not if INIT has not come either. */
  void connectionEnded() {
    done.countDown();
  }

  private void reply(Request request, int minor, int readAhead) {
    long at = request.body(InitOut.BYTES);
    MemorySegment memory = request.memory();
    InitOut.major(memory, at, Fuse.KERNEL_VERSION);
    InitOut.minor(memory, at, Math.min(minor, Fuse.KERNEL_MINOR_VERSION));
    InitOut.readAheadBytesMax(memory, at, readAhead);
    InitOut.flags(memory, at, (int) agreed);
    InitOut.flags2(memory, at, (int) (agreed >>> Integer.SIZE));
    InitOut.backgroundMax(memory, at, BACKGROUND_MAX);
    InitOut.congestionThreshold(memory, at, CONGESTED);
    InitOut.writeBytesMax(memory, at, TRANSFER_BYTES_MAX);
    InitOut.pagesMax(memory, at, TRANSFER_BYTES_MAX / PAGE_BYTES);
    InitOut.timeNanosGranularity(memory, at, timeNanosGranularity);
    request.reply(InitOut.BYTES);
  }

  /** Waits until the mount can be used. @return false if it was ended before it could be */
  boolean await() throws InterruptedException {
    done.await();
    return answered;
  }
}
