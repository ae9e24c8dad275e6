package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockDevices;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asynchronous direct writes of what others read through the cache at the same time. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@ExtendWith(WithRings.class)
class StalePagesTest {
  private static final int BYTES = 640 << 10;
  private static final int ROUNDS = 300;

  private static final OpenOptions ASYNCHRONOUS =
      OpenOptions.DEFAULT.withBackend(OpenOptions.Backend.URING);

  @TempDir Path temp = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"uring", "nouring"})
  void whatWasWrittenIsReadThroughTheCache(String transport) throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "32M");
    // Direct I/O takes its time, so that there are reads while a write is under way.
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), OpenOptions.DEFAULT, transport)) {
      Path file = mount.directory().resolve("file");
      mount.run("head -c " + BYTES + " /dev/zero > file && sync file");
      try (BlockDevice device = BlockDevices.open(file, ASYNCHRONOUS);
          FileChannel cached = FileChannel.open(file);
          Arena arena = Arena.ofShared()) {
        MemorySegment memory = arena.allocate(BYTES, 4096);
        BlockIo io = new BlockIo(device);
        AtomicBoolean ends = new AtomicBoolean();
        FutureTask<Void> reader = new FutureTask<>(() -> readUntil(ends, cached));
        Thread.ofPlatform().daemon(true).start(reader);
        for (int round = 1; round <= ROUNDS; round++) {
          byte content = (byte) round;
          memory.fill(content);
          io.write(0, memory);
          MemorySegment found = read(cached);
          long differs = found.mismatch(memory);
          assertEquals(
              -1, differs, "round " + round + ": " + (differs < 0 ? "" : at(found, differs)));
        }
        ends.set(true);
        reader.get();
      }
    }
    image.assertClean();
  }

  private static Void readUntil(AtomicBoolean ends, FileChannel file) throws IOException {
    while (!ends.get()) {
      MemorySegment unused = read(file);
    }
    return null;
  }

  private static MemorySegment read(FileChannel file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES);
    while (buffer.hasRemaining() && file.read(buffer, buffer.position()) > 0) {
      // All of it.
    }
    return MemorySegment.ofArray(buffer.array());
  }

  private static String at(MemorySegment found, long offset) {
    return "round " + found.get(JAVA_BYTE, offset) + "'s content at " + offset;
  }
}
