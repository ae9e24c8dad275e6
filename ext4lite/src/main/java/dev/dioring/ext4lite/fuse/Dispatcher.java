package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.engine.threads.Waiting;
import dev.dioring.engine.threads.WouldWaitException;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.ReservedBlocks;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds who serves a request, and sees to it that every request gets its one reply. */
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  /** Serves requests: replies, or starts what replies later. */
  @FunctionalInterface
  interface Operation {
    void serve(Request request) throws IOException;
  }

  /** Whether an operation waits for more than metadata that is read. */
  private enum Waits {
    NEVER,
    /** For metadata that is read: it only looks, and may be begun anew. */
    FOR_METADATA,
    /** For a lock or a commit, at times. */
    SELDOM,
    /** For I/O, as a rule. */
    LONG
  }

  private record Service(Operation operation, Waits waits) {}

  private final Map<FuseOpcode, Service> services = new EnumMap<>(FuseOpcode.class);
  private final String threadName;
  private final Backlog backlog;
  private final ReserveAccess reserve;
  private final RequestCounters counters = new RequestCounters();

  /**
   * @param threadName of the threads that requests run on
   * @param backlog what requests may have to wait for
   * @param reserve whose requests may have reserved blocks
   */
  Dispatcher(String threadName, Backlog backlog, ReserveAccess reserve) {
    this.backlog = backlog;
    this.reserve = reserve;
    this.threadName = threadName;
  }

  RequestCounters counters() {
    return counters;
  }

  /**
   * Registers what only looks. It is served where it arrives if all that it needs is in memory,
   * else begun anew on a thread that may wait.
   */
  Dispatcher onLook(FuseOpcode opcode, Operation operation) {
    services.put(opcode, new Service(operation, Waits.FOR_METADATA));
    return this;
  }

  /** Registers what is served where it arrives. */
  Dispatcher on(FuseOpcode opcode, Operation operation) {
    services.put(opcode, new Service(operation, Waits.NEVER));
    return this;
  }

  /**
   * Registers what changes a name or an attribute. It is served where it arrives unless the journal
   * would let it wait. It must not wait for I/O of a file, as that may complete on the same thread.
   */
  Dispatcher onChange(FuseOpcode opcode, Operation operation) {
    services.put(opcode, new Service(operation, Waits.SELDOM));
    return this;
  }

  /** Registers what may wait for long, a sync for example, and runs on a thread of its own. */
  Dispatcher onThread(FuseOpcode opcode, Operation operation) {
    services.put(opcode, new Service(operation, Waits.LONG));
    return this;
  }

  void dispatch(Request request) {
    FuseOpcode opcode = request.opcode();
    Service service = opcode == null ? null : services.get(opcode);
    if (service == null) {
      request.fail(Errno.ENOSYS);
    } else if (service.waits == Waits.LONG
        || (service.waits == Waits.SELDOM && !request.mayWait() && backlog.changesWait())) {
      onThread(request, service.operation);
    } else if (service.waits == Waits.FOR_METADATA && !request.mayWait()) {
      lookAtOnce(service.operation, request);
    } else {
      serveAtOnce(service.operation, request);
    }
  }

  private void lookAtOnce(Operation operation, Request request) {
    boolean before = Waiting.forbid(true);
    try {
      serveAtOnce(operation, request);
    } finally {
      Waiting.forbid(before);
    }
  }

  /** Begins on the thread that a request arrived on. */
  private void serveAtOnce(Operation operation, Request request) {
    try {
      serve(operation, request, true);
    } catch (WouldWaitException e) {
      onThread(request, operation);
    }
  }

  /** Goes on with a request on a thread that may wait. */
  void onThread(Request request, Operation operation) {
    start(() -> serve(operation, request, true));
  }

  /**
   * Serves a request that found no space once more, with what was promised to delayed writes and
   * not taken.
   *
   * @return false if there is none of these, and nothing is done
   */
  boolean withRoom(Request request, Operation operation) {
    if (!backlog.hasDelayedWrites()) {
      return false;
    }
    start(
        () -> {
          backlog.writeDelayed();
          serve(operation, request, false);
        });
    return true;
  }

  private void start(Runnable task) {
    Thread.ofVirtual().name(threadName).start(task);
  }

  private void serve(Operation operation, Request request, boolean mayRetry) {
    boolean before = ReservedBlocks.permit(reserve.permits(request));
    try {
      attempt(operation, request, mayRetry);
    } finally {
      ReservedBlocks.permit(before);
    }
  }

  private void attempt(Operation operation, Request request, boolean mayRetry) {
    try {
      operation.serve(request);
    } catch (Ext4Exception e) {
      boolean noSpace = e.errno() == Errno.ENOSPC;
      if (noSpace && mayRetry && withRoom(request, operation)) {
        return;
      }
      boolean isDamage = e.errno() == Errno.EIO || e.errno() == Errno.EUCLEAN;
      if (isDamage && !e.isAfterShutDown()) {
        LOG.warn("{}: {}", request, e.getMessage());
      }
      request.fail(e.errno());
    } catch (MalformedRequestException e) {
      LOG.error("{}: {}", request, e.getMessage());
      request.fail(Errno.EINVAL);
    } catch (IOException e) {
      LOG.error("{}: {}", request, e.getMessage());
      request.fail(Errno.EIO);
    } catch (WouldWaitException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // Whoever waits for the reply must get one, whatever the defect was.
      LOG.error("{}", request, e);
      request.fail(Errno.EIO);
    }
  }
}
