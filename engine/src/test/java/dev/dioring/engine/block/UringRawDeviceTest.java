package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.engine.memory.IoBuffer;
import dev.dioring.engine.ring.RingOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A raw block device: a loop device over a file that the test made. */
@Timeout(60)
class UringRawDeviceTest {
  private static final int PART = 64 << 10;

  @TempDir private Path directory;
  private Path backing = Path.of("");
  private String loop = "";

  @BeforeEach
  void attach() throws Exception {
    backing = directory.resolve("backing");
    Files.write(backing, new byte[64 * PART]);
    loop = run("losetup", "--find", "--show", "--direct-io=on", backing.toString());
    Assumptions.assumeTrue(loop.startsWith("/dev/loop"), "no loop devices here: " + loop);
  }

  @AfterEach
  void detach() throws Exception {
    if (loop.startsWith("/dev/loop")) {
      run("losetup", "--detach", loop);
    }
  }

  /** Discards are commands through the ring, in entries of either size. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void writesFlushesDiscardsAndZeroes(boolean wideEntries) throws Exception {
    OpenOptions options =
        OpenOptions.DEFAULT
            .withBackend(OpenOptions.Backend.URING)
            .withRing(RingOptions.of(8).withWideEntries(wideEntries))
            .withBuffers(PART, 4);
    try (BlockDevice device = BlockDevices.open(Path.of(loop), options)) {
      assertEquals(64L * PART, device.geometry().sizeBytes());
      assertEquals(wideEntries, device.capabilities().features().contains("SQE128"));
      BlockIo io = new BlockIo(device);
      IoBuffer buffer = device.buffers().acquire();
      MemorySegment memory = buffer.segment();
      for (int part = 0; part < 4; part++) {
        memory.fill((byte) (part + 1));
        io.writeFua((long) part * PART, memory);
      }
      io.flush();
      io.discard(PART, PART);
      io.writeZeroes(2L * PART, PART);
      byte[] zeroes = new byte[PART];
      expect(io, memory, 0, filled(1));
      // Discarded blocks of a loop device are holes of its file.
      expect(io, memory, PART, zeroes);
      expect(io, memory, 2L * PART, zeroes);
      expect(io, memory, 3L * PART, filled(4));
      assertEquals(0, io.read(64L * PART, memory));
      buffer.release();
    }
    byte[] content = Files.readAllBytes(backing);
    assertEquals(1, content[0]);
    assertEquals(0, content[2 * PART]);
    assertEquals(4, content[3 * PART]);
  }

  private static void expect(BlockIo io, MemorySegment memory, long at, byte[] expected)
      throws IOException {
    memory.fill((byte) 99);
    assertEquals(PART, io.read(at, memory));
    assertArrayEquals(expected, memory.toArray(ValueLayout.JAVA_BYTE));
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[PART];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** The first line that a command prints; a message where it cannot be run. */
  private static String run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      return status == 0 ? output : "exit " + status + ": " + output;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
