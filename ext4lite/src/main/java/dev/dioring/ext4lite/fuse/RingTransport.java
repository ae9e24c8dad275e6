package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.NativeException;
import dev.dioring.engine.block.Attachment;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * FUSE over io_uring: a queue for every processor there may be. INIT, FORGET and INTERRUPT stay on
 * /dev/fuse.
 */
final class RingTransport implements AutoCloseable {
  private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");
  private static final int ENTRIES_MAX = 64;
  private static final int DEPTH_MAX = 32;

  /** More than replies may wait for something else, see {@link StalePages#HELD_MAX}. */
  private static final int DEPTH_MIN = 2 * StalePages.HELD_MAX;

  private final Arena arena = Arena.ofShared();
  private final List<RingQueue> queues = new ArrayList<>();

  private RingTransport() {}

  /** Makes all queues, or none: null, with the reason in the log, where that is not possible. */
  static @Nullable RingTransport open(int fd, Dispatcher dispatcher, int payloadBytes) {
    RingTransport transport = new RingTransport();
    try {
      int processors = possibleProcessors();
      int depth = Math.clamp(ENTRIES_MAX / processors, DEPTH_MIN, DEPTH_MAX);
      for (int i = 0; i < processors; i++) {
        transport.queues.add(
            new RingQueue(i, fd, dispatcher, transport.arena, depth, payloadBytes));
      }
      return transport;
    } catch (NativeException | IOException e) {
      Session.LOG.warn("FUSE without io_uring: {}", e.getMessage());
      transport.close();
      return null;
    }
  }

  List<RingQueue> queues() {
    return queues;
  }

  /** Gives each queue's thread a way to the volume's device through the queue's ring. */
  void attach(Ext4Volume volume) {
    for (RingQueue queue : queues) {
      if (volume.attach(queue.poller()) == Attachment.CALLS) {
        queue.stayOnProcessor();
      }
    }
  }

  /** Offers the queues to the kernel, which must have been told of them in the reply to INIT. */
  void register() {
    queues.forEach(RingQueue::register);
  }

  /** Waits until the mount has ended. */
  void awaitEnd() {
    for (RingQueue queue : queues) {
      queue.awaitEnd();
    }
  }

  @Override
  public void close() {
    queues.forEach(RingQueue::close);
    arena.close();
  }

  /** A list of ranges such as "0-3", of which the last number counts. */
  private static int possibleProcessors() throws IOException {
    String list = Files.readString(POSSIBLE).strip();
    return 1
        + Integer.parseInt(
            list.substring(1 + Math.max(list.lastIndexOf('-'), list.lastIndexOf(','))));
  }
}
