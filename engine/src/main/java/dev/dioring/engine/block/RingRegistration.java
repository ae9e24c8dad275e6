package dev.dioring.engine.block;

import dev.dioring.bindings.Uring;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.ring.Poller;

/**
 * What of a device its ring knows beforehand: the descriptor and the device's buffers, where the
 * kernel allows it. That is an optimisation: without it plain operations do the same.
 */
final class RingRegistration {
  private final int fd;
  private final BufferPool buffers;
  private final long slabAddress;
  private final long slabBytes;
  private final long regionBytes;

  /** Index of the registered descriptor, negative if it is not; set before the device is shared. */
  private int fixedFile = -1;

  /** Index of the first registered buffer, negative if there is none; set likewise. */
  private int fixedBuffers = -1;

  RingRegistration(int fd, BufferPool buffers) {
    this.fd = fd;
    this.buffers = buffers;
    slabAddress = buffers.slab().address();
    slabBytes = buffers.slab().byteSize();
    regionBytes = buffers.region(0).byteSize();
  }

  /** Registers what is wanted. Poller thread. */
  void register(Poller poller, Registration wanted) {
    if (wanted.file) {
      fixedFile = poller.files().add(fd);
    }
    if (wanted.buffers) {
      fixedBuffers = poller.buffers().add(buffers);
    }
    if (fixedBuffers >= 0) {
      buffers.registeredFrom(fixedBuffers);
    }
  }

  /** Has the descriptor forgotten, once no operation uses it any more. */
  void giveBack(Poller poller) {
    if (fixedFile >= 0) {
      boolean unused = poller.execute(() -> poller.files().remove(fixedFile));
    }
  }

  /** What submission entries name as the descriptor. */
  int sqeFd() {
    return fixedFile >= 0 ? fixedFile : fd;
  }

  int sqeFlags() {
    return fixedFile >= 0 ? Uring.SQE_FIXED_FILE : 0;
  }

  /** The registered buffer that memory lies in, or -1: callers need not name it. */
  int bufferIndex(long address, long lengthBytes) {
    long at = address - slabAddress;
    if (fixedBuffers < 0 || at < 0 || at + lengthBytes > slabBytes) {
      return BlockRequest.NOT_REGISTERED;
    }
    int region = (int) (at / regionBytes);
    boolean crosses = at + lengthBytes > (region + 1) * regionBytes;
    return crosses ? BlockRequest.NOT_REGISTERED : fixedBuffers + region;
  }

  /** For display. */
  String features() {
    return (fixedFile >= 0 ? " fixed-file" : "") + (fixedBuffers >= 0 ? " fixed-buffers" : "");
  }
}
