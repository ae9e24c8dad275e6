package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.fuse.OutHeader;
import dev.dioring.bindings.fuse.RingHeader;
import dev.dioring.engine.ring.RingOperation;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One place for a request in a queue of FUSE over io_uring: a command that the kernel completes
 * with a request, and that takes the reply along when it is submitted again. It is the poller's
 * from its submission to its completion, else whoever serves the request has it.
 */
final class RingEntry extends RingOperation implements ReplyPort {
  static final long HEADER_AT = 0;
  private static final Logger LOG = LoggerFactory.getLogger(RingEntry.class);

  private final RingQueue queue;
  private final Request request;
  private final IoVec vector;
  private boolean registered;
  private long commitId;

  RingEntry(RingQueue queue, int number, MemorySegment memory, IoVec vector, long payloadAt) {
    this.queue = queue;
    this.vector = vector;
    request = new Request(this, queue.counters(), number, memory, payloadAt);
    vector.set(0, memory.address() + HEADER_AT, RingHeader.BYTES);
    vector.set(1, memory.address() + payloadAt, request.payloadBytes());
  }

  /** Whether it holds a request that waits for its reply; a moment's view. */
  boolean isOpen() {
    return request.isOpen();
  }

  @Override
  protected void prepare(MemorySegment sqes, long at) {
    if (registered) {
      RingHeader.commitAndFetch(sqes, at, queue.fd(), queue.number(), commitId);
    } else {
      RingHeader.register(sqes, at, queue.fd(), queue.number(), vector.segment().address(), 2);
    }
  }

  @Override
  protected void completed(int result, int flags) {
    if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
      queue.submit(this);
    } else if (result < 0) {
      // ENOTCONN: the mount has ended.
      if (result != -Errno.ENOTCONN && result != -Errno.ESHUTDOWN && result != -Errno.ECANCELED) {
        LOG.error("queue {} of FUSE over io_uring: {}", queue.number(), Errno.describe(result));
      }
      queue.entryEnded();
    } else {
      arrived();
    }
  }

  private void arrived() {
    MemorySegment memory = request.memory();
    registered = true;
    commitId = RingHeader.commitId(memory, HEADER_AT);
    int payload = RingHeader.payloadBytes(memory, HEADER_AT);
    request.arrivedSplit(HEADER_AT + RingHeader.HEADER, HEADER_AT + RingHeader.ARGUMENTS, payload);
    queue.dispatch(request);
  }

  @Override
  public void reply(Request answered, int error, long bodyAt, int bodyBytes) {
    MemorySegment memory = request.memory();
    if (bodyBytes > 0 && bodyAt != request.payloadAt()) {
      MemorySegment.copy(memory, bodyAt, memory, request.payloadAt(), bodyBytes);
    }
    OutHeader.lengthBytes(memory, HEADER_AT, OutHeader.BYTES + bodyBytes);
    OutHeader.error(memory, HEADER_AT, error);
    OutHeader.unique(memory, HEADER_AT, request.unique());
    RingHeader.payloadBytes(memory, HEADER_AT, bodyBytes);
    queue.commit(this);
  }

  @Override
  public boolean mayWait() {
    return false;
  }

  /** The kernel sends nothing without a reply here. */
  @Override
  public void drop(Request dropped) {
    throw new IllegalStateException(dropped + " has no reply");
  }
}
