package dev.dioring.engine.dio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Threads write their own parts of a file and read all of it, while conversions run and the device
 * fails now and then. Nobody may ever see what was on the device before, nor half a sector.
 */
@Timeout(120)
class DirectIoStressTest {
  private static final int BLOCK = TestFile.BLOCK_BYTES;
  private static final int SECTOR = 512;
  private static final int THREADS = 8;
  private static final int BLOCKS_EACH = 16;
  private static final int SECTORS_EACH = BLOCKS_EACH * BLOCK / SECTOR;
  private static final int STEPS = 400;
  private static final int FAILURES_ONE_IN = 40;
  private static final byte STALE = (byte) 0xee;

  /** A sector of written blocks whose overwriting failed: its content may be either. */
  private static final int UNKNOWN = -1;

  @ParameterizedTest(name = "seed {0}, contiguous {1}, failing {2}")
  @CsvSource({"1,true,false", "2,false,false", "3,true,true", "4,false,true"})
  void readersSeeOnlyWhatWasWritten(long seed, boolean contiguous, boolean failing)
      throws Exception {
    int blocks = THREADS * BLOCKS_EACH;
    DeferredCompletions deferred = new DeferredCompletions("stress", 3);
    try (Arena arena = Arena.ofShared();
        MemoryBlockDevice memory = new MemoryBlockDevice("ram", (long) blocks * BLOCK);
        FaultyBlockDevice device = new FaultyBlockDevice(memory);
        DirectIo engine = new DirectIo(device);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      memory.medium().fill(STALE);
      TestFile file = new TestFile(device, deferred, blocks, contiguous);
      if (failing) {
        Random faults = new Random(seed);
        device.failWhere(
            r -> r.op() == BlockOp.WRITE && faults.nextInt(FAILURES_ONE_IN) == 0, Errno.EIO);
      }
      List<Future<?>> runs = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        Writer writer = new Writer(file, engine, arena, t, new Random(seed * 1000 + t));
        runs.add(threads.submit(writer::run));
      }
      for (Future<?> run : runs) {
        run.get(100, TimeUnit.SECONDS);
      }
      deferred.drain();
      assertEquals(0, file.completions().inFlight().count());
      assertNotEquals(0, deferred.stats().batches());
      deferred.close();
    }
  }

  /** One thread, which owns a part of the file and knows what it holds. */
  private static final class Writer {
    private final TestFile file;
    private final FileIo io;
    private final MemorySegment memory;
    private final Random random;
    private final int firstSector;
    private final int[] model = new int[SECTORS_EACH];

    Writer(TestFile file, DirectIo engine, Arena arena, int number, Random random) {
      this.file = file;
      this.random = random;
      io = new FileIo(kiocb -> engine.submit(file, kiocb));
      memory = arena.allocate((long) SECTORS_EACH * SECTOR, BLOCK);
      firstSector = number * SECTORS_EACH;
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(3)) {
          case 0 -> write();
          case 1 -> checkOwn();
          default -> checkOthers();
        }
      }
      checkOwn();
    }

    private void write() {
      int count = 1 + random.nextInt(4 * BLOCK / SECTOR);
      int at = random.nextInt(SECTORS_EACH - count + 1);
      byte value = (byte) (1 + random.nextInt(100));
      MemorySegment content = memory.asSlice(0, (long) count * SECTOR);
      content.fill(value);
      int flags = random.nextInt(4) == 0 ? Kiocb.DSYNC : 0;
      long result = io.write((long) (firstSector + at) * SECTOR, content, flags);
      if (result >= 0) {
        assertEquals(content.byteSize(), result);
        Arrays.fill(model, at, at + count, value);
        return;
      }
      assertEquals(-Errno.EIO, result);
      for (int i = at; i < at + count; i++) {
        int block = (firstSector + i) / (BLOCK / SECTOR);
        if (file.blocks[block] == TestFile.Block.WRITTEN) {
          model[i] = UNKNOWN;
        }
      }
    }

    private void checkOwn() {
      assertEquals(memory.byteSize(), io.read((long) firstSector * SECTOR, memory, 0));
      for (int i = 0; i < SECTORS_EACH; i++) {
        byte seen = uniform(memory, i);
        if (model[i] != UNKNOWN) {
          assertEquals(model[i], seen, "sector " + (firstSector + i));
        }
      }
    }

    private void checkOthers() {
      int sector = random.nextInt(THREADS) * SECTORS_EACH;
      CompletableFuture<Long> read = io.readAsync((long) sector * SECTOR, memory, 0);
      assertEquals(memory.byteSize(), read.join());
      for (int i = 0; i < SECTORS_EACH; i++) {
        byte unused = uniform(memory, i);
      }
    }

    private static byte uniform(MemorySegment memory, int sector) {
      long at = (long) sector * SECTOR;
      byte first = memory.get(ValueLayout.JAVA_BYTE, at);
      assertNotEquals(STALE, first, "stale content");
      for (int i = 1; i < SECTOR; i++) {
        assertEquals(first, memory.get(ValueLayout.JAVA_BYTE, at + i), "torn sector");
      }
      return first;
    }
  }
}
