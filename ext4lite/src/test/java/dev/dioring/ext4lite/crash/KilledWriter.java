package dev.dioring.ext4lite.crash;

import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A process that writes durably until it is killed, and says on standard output what is durable: a
 * line "file block version" each. Arguments: the image, the seed. The end of its standard input
 * ends it too, so that it does not outlive who started it.
 */
public final class KilledWriter {
  /** Is preallocated and written at random by a few threads. */
  static final int PREALLOCATED = 0;

  /** Grows block by block. */
  static final int APPENDED = 1;

  static final int FILE_BLOCKS = 2048;
  static final int BLOCK_BYTES = 4096;

  private static final int THREADS = 3;

  private final Ext4Volume volume;
  private final long seed;

  private KilledWriter(Ext4Volume volume, long seed) {
    this.volume = volume;
    this.seed = seed;
  }

  public static void main(String[] args) throws IOException {
    Ext4Volume volume = Ext4Volume.open(Path.of(args[0]), VolumeOptions.READ_WRITE);
    new KilledWriter(volume, Long.parseLong(args[1])).start();
    while (System.in.read() >= 0) {
      // What is said here does not matter.
    }
    Runtime.getRuntime().halt(0);
  }

  private void start() throws IOException {
    Ext4File preallocated = volume.openFile(volume.resolve(Workload.path(PREALLOCATED)), true);
    preallocated.fallocate(0, (long) FILE_BLOCKS * BLOCK_BYTES, false);
    preallocated.sync(false);
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      Thread.ofPlatform().start(() -> writeAtRandom(preallocated, thread));
    }
    Ext4File appended = volume.openFile(volume.resolve(Workload.path(APPENDED)), true);
    Thread.ofPlatform().start(() -> append(appended));
  }

  /** Each thread has blocks of its own, so that their versions come in order. */
  private void writeAtRandom(Ext4File file, int thread) {
    SplittableRandom random = new SplittableRandom(seed * THREADS + thread);
    int[] versions = new int[FILE_BLOCKS];
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
      while (true) {
        int blockNr = random.nextInt(FILE_BLOCKS / THREADS) * THREADS + thread;
        write(file, PREALLOCATED, blockNr, ++versions[blockNr], memory, random.nextBoolean());
      }
    } catch (IOException e) {
      System.out.println(e);
    }
  }

  private void append(Ext4File file) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
      for (int blockNr = 0; blockNr < FILE_BLOCKS; blockNr++) {
        write(file, APPENDED, blockNr, 1, memory, random.nextBoolean());
      }
    } catch (IOException e) {
      System.out.println(e);
    }
  }

  private static void write(
      Ext4File file, int fileNr, int blockNr, int version, MemorySegment memory, boolean dsync)
      throws IOException {
    Stamp.put(memory, fileNr, blockNr, version);
    long written = file.io().write((long) blockNr * BLOCK_BYTES, memory, dsync ? Kiocb.DSYNC : 0);
    if (written != BLOCK_BYTES) {
      throw new IOException("write of block " + blockNr + ": " + written);
    }
    if (!dsync) {
      file.sync(true);
    }
    System.out.println(fileNr + " " + blockNr + " " + version);
  }
}
