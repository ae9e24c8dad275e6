package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.ring.Poller;
import org.jspecify.annotations.Nullable;

/**
 * A part of a device as a device of its own. A request is moved on its way down, so that nothing is
 * allocated for it. One that reaches across the end is refused with EINVAL if it reads, with ENOSPC
 * if it modifies.
 */
public final class WindowBlockDevice extends ForwardingBlockDevice {
  private final String what;
  private final String name;
  private final long startBytes;
  private final Geometry geometry;

  /**
   * Opens a part of a device, which is closed with this one.
   *
   * @param what names the part in messages, such as "partition 2"
   * @param startBytes a multiple of the device's offset alignment
   * @param lengthBytes positive; the part ends within the device
   */
  public WindowBlockDevice(BlockDevice below, String what, long startBytes, long lengthBytes) {
    super(below);
    long outer = below.geometry().sizeBytes();
    if (startBytes < 0 || lengthBytes <= 0 || startBytes > outer - lengthBytes) {
      throw new IllegalArgumentException(startBytes + " + " + lengthBytes + " of " + outer);
    }
    if (startBytes % below.geometry().offsetAlignmentBytes() != 0) {
      throw new IllegalArgumentException("a start of " + startBytes);
    }
    this.what = what;
    name = below.name() + " (" + what + ")";
    this.startBytes = startBytes;
    geometry = below.geometry().withSizeBytes(lengthBytes);
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable BlockDevice through(Poller poller) {
    BlockDevice other = below().through(poller);
    return other == null
        ? null
        : new WindowBlockDevice(other, what, startBytes, geometry.sizeBytes());
  }

  @Override
  public void submit(BlockRequest request) {
    if (request.op() != BlockOp.FLUSH) {
      int refused = check(request);
      if (refused != 0) {
        below().submit(new Refused(request, refused));
        return;
      }
      request.shift(startBytes);
    }
    below().submit(request);
  }

  private int check(BlockRequest request) {
    long offset = request.byteOffset();
    long length = request.lengthBytes();
    if (offset < 0 || length < 0) {
      return -Errno.EINVAL;
    }
    if (offset > geometry.sizeBytes() - length) {
      return request.op().modifies() ? -Errno.ENOSPC : -Errno.EINVAL;
    }
    return 0;
  }

  /** Takes a refusal to the completion thread. */
  private static final class Refused extends BlockRequest {
    private final BlockRequest original;
    private final int refusal;

    Refused(BlockRequest original, int refusal) {
      this.original = original;
      this.refusal = refusal;
      BlockRequest unused = flush();
    }

    @Override
    protected void completed(int result) {
      original.complete(refusal);
    }
  }
}
