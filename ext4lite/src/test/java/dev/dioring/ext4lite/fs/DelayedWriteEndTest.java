package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.engine.threads.WouldWaitException;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a delayed write ends: by itself, where nobody may wait for it, at the limit, or never. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DelayedWriteEndTest {
  private static final int BLOCK = 4096;
  private static final int ROUNDS = 3000;

  private final Arena arena = Arena.ofShared();

  @TempDir Path directory = Path.of("");

  /** Others begin and end meanwhile, so that the thread which writes sleeps now and then. */
  @Test
  void whatIsLeftIsWrittenBeforeLong() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "64M");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Ext4File a = create(volume, "a");
        Ext4File b = create(volume, "b");
        Ext4File last = create(volume, "last")) {
      Future<?> one = threads.submit(() -> writeAndSync(a));
      Future<?> two = threads.submit(() -> writeAndSync(b));
      one.get();
      two.get();
      assertEquals(BLOCK, last.writeLater(0, block()));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (volume.hasDelayedWrites()) {
        assertTrue(System.nanoTime() < deadline, "it waits for good");
        Thread.onSpinWait();
      }
    }
    image.assertClean();
  }

  private Void writeAndSync(Ext4File file) throws Ext4Exception {
    for (int i = 0; i < ROUNDS; i++) {
      int unused = file.writeLater(0, block());
      file.sync(true);
    }
    return null;
  }

  /** The thread that completes I/O must not wait for more. */
  @Test
  void completionThreadsDoNotWaitForIt() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "64M");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Ext4File waits = create(volume, "waits");
        Ext4File read = create(volume, "read")) {
      assertEquals(BLOCK, read.io().write(0, block(), 0));
      assertEquals(BLOCK, waits.writeLater(0, block()));
      CompletableFuture<Throwable> met = new CompletableFuture<>();
      Kiocb kiocb =
          new Kiocb() {
            @Override
            protected void kiComplete(long result) {
              met.complete(
                  assertThrows(
                      Throwable.class,
                      () -> volume.namespace().ranges().seek(waits.inodeNr(), 0, true)));
            }
          };
      read.submit(kiocb.read(0, block(), 0));
      assertInstanceOf(WouldWaitException.class, met.get(30, TimeUnit.SECONDS));
      assertTrue(waits.hasDelayedWrites());
    }
    image.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"huge_file", "^huge_file"})
  void whatGoesBeyondTheLargestSizeIsToldAtOnce(String feature) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "64M", "-O", feature);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Ext4File file = create(volume, "file")) {
      long max = file.sizeBytesMax();
      assertEquals(-Errno.EAGAIN, file.writeLater(max - 100, block()));
      long start = max - 5L * BLOCK;
      assertEquals(BLOCK, file.writeLater(start, block()));
      long end = start + BLOCK;
      while (file.writeLater(end, block()) == BLOCK) {
        end += BLOCK;
      }
      assertTrue(end <= max, "taken up to " + end + " of " + max);
      file.sync(false);
      assertEquals(end, file.sizeBytes());
    }
    image.assertClean();
  }

  @Test
  void whatIsLostIsToldByASyncOfTheVolumeOnce() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("image"), "64M", "-O", "^has_journal");
    FaultyBlockDevice device = new FaultyBlockDevice(Recoveries.device(image.bytes()));
    try (Ext4Volume volume = Ext4Volume.open(device, VolumeOptions.READ_WRITE);
        Ext4File file = create(volume, "file")) {
      assertEquals(BLOCK, file.writeLater(0, block()));
      device.failWhere(request -> request.op() == BlockOp.WRITE, Errno.EIO);
      volume.writeDelayed();
      device.failWhere(null, 0);
      assertFalse(file.hasDelayedWrites());
      Ext4Exception lost = assertThrows(Ext4Exception.class, volume::sync);
      assertEquals(Errno.EIO, lost.errno());
      volume.sync();
    }
  }

  private MemorySegment block() {
    return arena.allocate(BLOCK, BLOCK);
  }

  private static Ext4File create(Ext4Volume volume, String name) throws IOException {
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
    byte[] bytes = FileName.encode(name);
    long inodeNr = volume.namespace().create(Ext4Inode.ROOT_NR, bytes, spec).inodeNr();
    return volume.openFile(inodeNr, true);
  }
}
