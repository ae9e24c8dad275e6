package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract on each backend, over files and over raw devices made for the test. */
class BackendsTest {
  private static final long SEED = 20261123;

  @Nested
  class InMemory extends BlockDeviceContract {
    @Override
    BlockDevice open() {
      return new MemoryBlockDevice("ram", SIZE_BYTES);
    }
  }

  @Nested
  class ReorderedInMemory extends BlockDeviceContract {
    @Override
    BlockDevice open() {
      FaultPlan plan = new FaultPlan(SEED).some(0.5, request -> true, FaultPlan.Fault.DELAY);
      return new FaultyBlockDevice(new MemoryBlockDevice("ram", SIZE_BYTES), plan);
    }
  }

  @Nested
  class UringOnFile extends BlockDeviceContract {
    @TempDir Path directory;

    @Override
    BlockDevice open() throws IOException {
      return BlockDevices.open(file(directory), options(OpenOptions.Backend.URING));
    }
  }

  @Nested
  class SyncOnFile extends BlockDeviceContract {
    @TempDir Path directory;

    @Override
    BlockDevice open() throws IOException {
      BlockDevice device = BlockDevices.open(file(directory), options(OpenOptions.Backend.SYNC));
      assertEquals("sync", device.capabilities().backend());
      return device;
    }
  }

  @Nested
  class UringOnLoopDevice extends OnLoopDevice {
    UringOnLoopDevice() {
      super(OpenOptions.Backend.URING);
    }
  }

  @Nested
  class SyncOnLoopDevice extends OnLoopDevice {
    SyncOnLoopDevice() {
      super(OpenOptions.Backend.SYNC);
    }
  }

  abstract static class OnLoopDevice extends BlockDeviceContract {
    @TempDir Path directory;
    private final OpenOptions.Backend backend;
    private String loop = "";

    OnLoopDevice(OpenOptions.Backend backend) {
      this.backend = backend;
    }

    @Override
    BlockDevice open() throws Exception {
      assumeTrue(Files.isWritable(Path.of("/dev/loop-control")), "loop devices need root");
      loop = run("losetup", "--find", "--show", "--direct-io=on", file(directory).toString());
      return BlockDevices.open(Path.of(loop), options(backend));
    }

    @Override
    void cleanUp() throws Exception {
      if (!loop.isEmpty()) {
        run("losetup", "--detach", loop);
      }
    }
  }

  @Nested
  class AutoOnZram extends BlockDeviceContract {
    private static final String CONTROL = "/sys/class/zram-control/";
    private String number = "";

    @Override
    BlockDevice open() throws Exception {
      assumeTrue(Files.isReadable(Path.of(CONTROL, "hot_add")), "zram needs root and its module");
      number = Files.readString(Path.of(CONTROL, "hot_add")).strip();
      Path size = Path.of("/sys/block/zram" + number + "/disksize");
      Files.writeString(size, Integer.toString(SIZE_BYTES));
      BlockDevice device =
          BlockDevices.open(Path.of("/dev/zram" + number), options(OpenOptions.Backend.AUTO));
      // zram cannot start I/O without waiting: the choice falls on system calls.
      assertEquals("sync", device.capabilities().backend());
      return device;
    }

    @Override
    void cleanUp() throws Exception {
      if (!number.isEmpty()) {
        Files.writeString(Path.of("/sys/block/zram" + number + "/reset"), "1");
        Files.writeString(Path.of(CONTROL, "hot_remove"), number);
      }
    }
  }

  private static OpenOptions options(OpenOptions.Backend backend) {
    return OpenOptions.DEFAULT.withBackend(backend);
  }

  private static Path file(Path directory) throws IOException {
    Path file = directory.resolve("disk");
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(BlockDeviceContract.SIZE_BYTES);
    }
    return file;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), output);
    return output;
  }
}
