package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.Mmap;
import dev.dioring.engine.ring.Poller;
import dev.dioring.engine.ring.RingOptions;
import dev.dioring.engine.threads.Uninterruptibly;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;

/**
 * The queue of one processor in FUSE over io_uring, with a ring and a poller of its own, which the
 * I/O that its requests need goes through as well. What may wait goes on elsewhere, a look-up as
 * soon as it misses metadata. A change that has to read some parks this poller, which holds up this
 * queue alone: nothing that such a read waits for runs here.
 */
final class RingQueue implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;

  /** I/O of the image that is in flight through this ring, at most. */
  private static final int IO_MAX = 256;

  private final int number;
  private final int fd;
  private final Dispatcher dispatcher;
  private final Poller poller;
  private final Poller.Receiver<RingEntry> receiver = this::submit;
  private final RingEntry[] entries;
  private final CountDownLatch running;
  private final QueueHome home;

  /**
   * Makes the ring, and the entries in an arena's memory.
   *
   * @param number of the processor
   */
  RingQueue(int number, int fd, Dispatcher dispatcher, Arena arena, int depth, int payloadBytes) {
    this.number = number;
    this.fd = fd;
    this.dispatcher = dispatcher;
    home = new QueueHome(number);
    entries = new RingEntry[depth];
    running = new CountDownLatch(depth);
    long each = (long) PAGE_BYTES + payloadBytes + Request.SLACK_BYTES;
    MemorySegment memory = Mmap.onDemand(arena, each * depth);
    for (int i = 0; i < depth; i++) {
      MemorySegment own = memory.asSlice(i * each, each);
      entries[i] = new RingEntry(this, i, own, new IoVec(arena, 2), PAGE_BYTES);
    }
    poller =
        Poller.start("fuse-queue-" + number, RingOptions.of(depth + IO_MAX).withWideEntries(true));
  }

  /** The thread that has what it submits to the image go through this ring, too. */
  Poller poller() {
    return poller;
  }

  /** Keeps the thread on the processor whose requests it serves: serving is copying there. */
  void stayOnProcessor() {
    boolean unused = poller.execute(home::always);
  }

  @Override
  public String toString() {
    return "queue " + number;
  }

  int number() {
    return number;
  }

  int fd() {
    return fd;
  }

  RequestCounters counters() {
    return dispatcher.counters();
  }

  /** Requests that it may hold. */
  int depth() {
    return entries.length;
  }

  /** Requests that wait for their reply; a moment's view. */
  int inFlight() {
    int open = 0;
    for (RingEntry entry : entries) {
      open += entry.isOpen() ? 1 : 0;
    }
    return open;
  }

  /** Offers all entries to the kernel. */
  void register() {
    for (RingEntry entry : entries) {
      commit(entry);
    }
  }

  /** Hands an entry over, from any thread. */
  void commit(RingEntry entry) {
    if (poller.isCurrentThread()) {
      submit(entry);
    } else if (!poller.handOver(receiver, entry)) {
      entryEnded();
    }
  }

  /** Hands an entry over. Poller thread. */
  void submit(RingEntry entry) {
    poller.submit(entry);
  }

  /** Serves a request, or starts to. Poller thread. */
  void dispatch(Request request) {
    dispatcher.dispatch(request);
    home.served(!request.isOpen());
  }

  void entryEnded() {
    running.countDown();
  }

  /** Waits until the kernel has given back every entry, as it does when the mount ends. */
  void awaitEnd() {
    Uninterruptibly.await(running);
  }

  @Override
  public void close() {
    poller.close();
  }
}
