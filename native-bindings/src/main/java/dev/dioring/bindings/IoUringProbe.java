package dev.dioring.bindings;

import dev.dioring.bindings.generated.iouring.IoUringH;
import dev.dioring.bindings.generated.iouring.io_uring_probe;
import dev.dioring.bindings.generated.iouring.io_uring_probe_op;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** The operations that the running kernel supports, asked of one ring. */
public final class IoUringProbe {
  private static final int OPCODES_MAX = 256;

  private final BitSet supported = new BitSet(OPCODES_MAX);

  /** Asks the kernel; a kernel too old to be asked supports nothing, as far as this tells. */
  public IoUringProbe(int ringFd) {
    try (Arena arena = Arena.ofConfined()) {
      long headerBytes = io_uring_probe.sizeof();
      MemorySegment probe =
          arena.allocate(headerBytes + OPCODES_MAX * io_uring_probe_op.sizeof(), Long.BYTES);
      if (IoUringCalls.register(ringFd, Uring.REGISTER_PROBE, probe, OPCODES_MAX) < 0) {
        return;
      }
      int count = Byte.toUnsignedInt(io_uring_probe.ops_len(probe));
      for (int i = 0; i < count; i++) {
        MemorySegment op =
            probe.asSlice(headerBytes + i * io_uring_probe_op.sizeof(), io_uring_probe_op.sizeof());
        if ((io_uring_probe_op.flags(op) & IoUringH.IO_URING_OP_SUPPORTED()) != 0) {
          supported.set(Byte.toUnsignedInt(io_uring_probe_op.op(op)));
        }
      }
    }
  }

  public boolean supports(int opcode) {
    return supported.get(opcode);
  }
}
