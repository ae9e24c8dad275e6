package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.CallState;
import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Mmap;
import dev.dioring.bindings.fuse.InHeader;
import dev.dioring.bindings.fuse.OutHeader;
import dev.dioring.bindings.fuse.WriteIn;
import dev.dioring.engine.threads.Uninterruptibly;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests read from /dev/fuse and replies written to it. A reader serves the request it read, or
 * starts what goes on elsewhere; whenever the last idle reader takes a request, another one is
 * started, so that one which waits keeps nobody else waiting.
 *
 * <pre>
 * memory of a request: reply header ... | request header, arguments of WRITE | payload, page-aligned
 * </pre>
 */
final class DeviceTransport implements ReplyPort, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceTransport.class);

  static final int REQUESTS_MAX = 64;
  private static final int READERS_IDLE_MAX = 3;
  private static final int READERS_MAX = REQUESTS_MAX;
  private static final int PAGE_BYTES = 4096;
  private static final long HEAD_AT = (long) PAGE_BYTES - InHeader.BYTES - WriteIn.BYTES;
  private static final long REPLY_AT = 0;

  private final int fd;
  private final int readBytes;
  private final Dispatcher dispatcher;
  private final Arena arena = Arena.ofShared();
  private final IdleRequests idle = new IdleRequests(REQUESTS_MAX);
  private final Request[] requests = new Request[REQUESTS_MAX];
  private final IoVec[] vectors = new IoVec[REQUESTS_MAX];
  private final AtomicInteger readers = new AtomicInteger();
  private final AtomicInteger readersIdle = new AtomicInteger();
  private final CountDownLatch ended = new CountDownLatch(1);
  private Runnable whenEnded = () -> {};

  /**
   * Takes over a connection.
   *
   * @param fd of /dev/fuse, mounted
   * @param payloadBytes largest transfer
   */
  DeviceTransport(int fd, int payloadBytes, Dispatcher dispatcher) {
    this.fd = fd;
    this.dispatcher = dispatcher;
    readBytes = InHeader.BYTES + WriteIn.BYTES + payloadBytes;
    long each = (long) PAGE_BYTES + payloadBytes + Request.SLACK_BYTES;
    MemorySegment memory = Mmap.onDemand(arena, each * REQUESTS_MAX);
    for (int i = 0; i < REQUESTS_MAX; i++) {
      vectors[i] = new IoVec(arena, 2);
      MemorySegment own = memory.asSlice(i * each, each);
      requests[i] = new Request(this, dispatcher.counters(), i, own, PAGE_BYTES);
      idle.add(requests[i]);
    }
  }

  /** Requests that wait for their reply; a moment's view. */
  int inFlight() {
    int open = 0;
    for (Request request : requests) {
      open += request.isOpen() ? 1 : 0;
    }
    return open;
  }

  /**
   * Starts to read.
   *
   * @param whenEnded runs when the kernel has ended the connection
   */
  void start(Runnable whenEnded) {
    this.whenEnded = whenEnded;
    addReader();
  }

  /** Waits until the kernel has ended the connection and every request has been answered. */
  void awaitEnd() {
    Uninterruptibly.await(ended);
    idle.await(REQUESTS_MAX);
  }

  @Override
  public void close() {
    int unused = LinuxFiles.close(fd);
    arena.close();
  }

  private void addReader() {
    if (readers.incrementAndGet() > READERS_MAX) {
      readers.decrementAndGet();
      return;
    }
    Thread.ofPlatform().name("fuse-reader").daemon(true).start(this::read);
  }

  private void read() {
    try (CallState state = CallState.create()) {
      boolean more = true;
      while (more) {
        more = readOne(state);
      }
    } finally {
      if (readers.decrementAndGet() == 0) {
        ended.countDown();
        whenEnded.run();
      }
    }
  }

  /** Reads and serves one request. @return false if this reader shall end */
  private boolean readOne(CallState state) {
    Request request = idle.take();
    if (readersIdle.incrementAndGet() > READERS_IDLE_MAX) {
      readersIdle.decrementAndGet();
      idle.add(request);
      return false;
    }
    long result = LinuxFiles.read(state, fd, request.memory().asSlice(HEAD_AT), readBytes);
    boolean last = readersIdle.decrementAndGet() == 0;
    if (result < 0) {
      idle.add(request);
      return goesOn((int) result);
    }
    if (last) {
      addReader();
    }
    if (request.arrivedInline(HEAD_AT, result)) {
      dispatcher.dispatch(request);
    } else {
      LOG.error("{} came with {} bytes", request, result);
      request.fail(Errno.EIO);
    }
    return true;
  }

  /** ENOENT is a request that was interrupted while it was read, ENODEV the end of the mount. */
  private static boolean goesOn(int result) {
    if (result == -Errno.EINTR || result == -Errno.EAGAIN || result == -Errno.ENOENT) {
      return true;
    }
    if (result != -Errno.ENODEV) {
      LOG.error("reading /dev/fuse: {}", Errno.describe(result));
    }
    return false;
  }

  @Override
  public void reply(Request request, int error, long bodyAt, int bodyBytes) {
    MemorySegment memory = request.memory();
    OutHeader.lengthBytes(memory, REPLY_AT, OutHeader.BYTES + bodyBytes);
    OutHeader.error(memory, REPLY_AT, error);
    OutHeader.unique(memory, REPLY_AT, request.unique());
    long result = send(request, bodyAt, bodyBytes);
    if (result < 0 && !isGone((int) result)) {
      LOG.error("replying to {}: {}", request, Errno.describe((int) result));
      // The kernel refused the reply, and the caller still waits for one.
      OutHeader.lengthBytes(memory, REPLY_AT, OutHeader.BYTES);
      OutHeader.error(memory, REPLY_AT, -Errno.EIO);
      long unused = send(request, bodyAt, 0);
    }
    idle.add(request);
  }

  private long send(Request request, long bodyAt, int bodyBytes) {
    long address = request.memory().address();
    IoVec vector = vectors[request.number()];
    vector.set(0, address + REPLY_AT, OutHeader.BYTES);
    vector.set(1, address + bodyAt, bodyBytes);
    return LinuxFiles.writev(fd, vector.segment(), bodyBytes == 0 ? 1 : 2);
  }

  /** ENOENT: the caller was interrupted and has gone; ENODEV: the mount has. */
  private static boolean isGone(int result) {
    return result == -Errno.ENOENT || result == -Errno.ENODEV;
  }

  /** Another reader goes on. */
  @Override
  public boolean mayWait() {
    return true;
  }

  @Override
  public void drop(Request request) {
    idle.add(request);
  }
}
