package dev.dioring.engine.block;

import dev.dioring.engine.ring.Poller;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A device with more ways in: what the thread of an attached poller submits goes through that
 * poller's own ring, and completes there, without a hop to the device's. A server whose requests
 * come out of such a ring so saves two changes of threads for each.
 *
 * <p>An attached thread is a completion thread here but not of the device below, so blocking calls
 * on that one remain possible, as long as they do not wait for what is in flight here.
 */
public final class ManyRingsDevice extends ForwardingBlockDevice {
  private final Map<Poller, BlockDevice> attached = new ConcurrentHashMap<>();

  /** Takes over the device. */
  public ManyRingsDevice(BlockDevice below) {
    super(below);
  }

  /**
   * Serves a poller's thread by its own ring from now on. The poller must live until this is
   * closed.
   *
   * @return the way that it has now; with NONE all goes on as before
   */
  public Attachment attach(Poller poller) {
    BlockDevice device = below().through(poller);
    if (device == null) {
      return Attachment.NONE;
    }
    BlockDevice before = attached.put(poller, device);
    assert before == null : "attached twice";
    return device.completesInSubmit() ? Attachment.CALLS : Attachment.RING;
  }

  @Override
  public boolean onCompletionThread() {
    return own() != null || below().onCompletionThread();
  }

  @Override
  public void submit(BlockRequest request) {
    BlockDevice own = own();
    (own != null ? own : below()).submit(request);
  }

  @Override
  public int inFlight() {
    return below().inFlight() + attached.values().stream().mapToInt(BlockDevice::inFlight).sum();
  }

  @Override
  public void close() {
    attached.values().forEach(BlockDevice::close);
    super.close();
  }

  private @Nullable BlockDevice own() {
    Poller poller = Poller.current();
    return poller == null ? null : attached.get(poller);
  }
}
