package dev.dioring.engine.block;

import dev.dioring.engine.memory.IoBuffer;
import dev.dioring.engine.ring.RingOptions;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * A process in which a system call is denied: opens a device, writes and reads, and prints its
 * capabilities. Arguments: the system call's number, the errno, the file, the backend.
 */
public final class DeniedProcess {
  private static final int BLOCK = 4096;

  private DeniedProcess() {}

  public static void main(String[] args) throws Throwable {
    new Seccomp().deny(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
    OpenOptions options =
        OpenOptions.DEFAULT
            .withBackend(OpenOptions.Backend.valueOf(args[3]))
            .withRing(RingOptions.of(4))
            .withBuffers(BLOCK, 4);
    try (BlockDevice device = BlockDevices.open(Path.of(args[2]), options)) {
      BlockIo io = new BlockIo(device);
      IoBuffer buffer = device.buffers().acquire();
      buffer.segment().fill((byte) 7);
      io.write(BLOCK, buffer.segment());
      buffer.segment().fill((byte) 0);
      io.readFully(BLOCK, buffer.segment());
      if (buffer.segment().get(ValueLayout.JAVA_BYTE, BLOCK - 1) != 7) {
        throw new AssertionError("what was written is not read");
      }
      buffer.release();
      System.out.println(device.capabilities());
    } catch (BlockIoException e) {
      System.out.println(e.getMessage());
    }
  }
}
