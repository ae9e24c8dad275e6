package dev.dioring.ext4lite.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/**
 * Writes into preallocated blocks, overwrites, appends, delayed writes, changes of size, holes and
 * syncs of a few files, in a seeded order, and tells the oracles of each.
 */
final class Workload {
  static final int FILES = 3;
  static final int FILE_BLOCKS = 160;

  private static final int ROUNDS = 14;
  private static final int WRITES_PER_ROUND = 24;
  private static final int LATER_BLOCKS = 8;

  private final Random random;
  private final IntSupplier events;
  private final int blockBytes;
  private final List<Oracle> oracles = new ArrayList<>();

  Workload(long seed, int blockBytes, IntSupplier events) {
    random = new Random(seed);
    this.blockBytes = blockBytes;
    this.events = events;
    for (int i = 0; i < FILES; i++) {
      oracles.add(new Oracle(i, blockBytes, FILE_BLOCKS));
    }
  }

  List<Oracle> oracles() {
    return oracles;
  }

  static String path(int file) {
    return "/file" + file;
  }

  void run(Ext4Volume volume) throws IOException {
    List<Ext4File> files = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      for (int i = 0; i < FILES; i++) {
        files.add(volume.openFile(volume.resolve(path(i)), true));
      }
      preallocate(volume, files.get(0), oracles.get(0));
      for (int round = 0; round < ROUNDS; round++) {
        Oracle oracle = oracles.get(round % FILES);
        Ext4File file = files.get(round % FILES);
        writeMany(file, oracle, arena);
        if (random.nextInt(3) > 0) {
          append(file, oracle, arena);
        }
        if (random.nextInt(3) == 0) {
          writeLater(file, oracle, arena);
        }
        if (random.nextInt(3) == 0) {
          resize(volume, file, oracle);
        }
        if (random.nextInt(3) == 0) {
          makeZeroes(volume, file, oracle);
        }
        if (round == ROUNDS / 2) {
          preallocate(volume, files.get(1), oracles.get(1));
        }
        sync(volume, file, oracle);
      }
      for (Ext4File file : files) {
        file.close();
      }
    }
  }

  /** Without extents what would be preallocated is a hole. */
  private void preallocate(Ext4Volume volume, Ext4File file, Oracle oracle) throws IOException {
    long size = (long) FILE_BLOCKS * blockBytes;
    oracle.resize(size, events.getAsInt());
    if (volume.superblock().has(Feature.EXTENTS)) {
      file.fallocate(0, size, false);
    } else {
      AttributeChange grown = AttributeChange.NONE.withSizeBytes(size);
      assertEquals(size, volume.namespace().change(file.inodeNr(), grown).sizeBytes());
    }
    oracle.resized();
  }

  /**
   * Different blocks within the size, all in flight at once; some of them durable by themselves.
   */
  private void writeMany(Ext4File file, Oracle oracle, Arena arena) {
    int blocks = blocksOf(oracle);
    if (blocks == 0) {
      return;
    }
    Set<Integer> chosen = new HashSet<>();
    while (chosen.size() < Math.min(WRITES_PER_ROUND, blocks / 2)) {
      chosen.add(random.nextInt(blocks));
    }
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (int blockNr : chosen) {
      MemorySegment memory = arena.allocate(blockBytes, 4096);
      Stamp.put(memory, oracle.file(), blockNr, oracle.begin(blockNr, events.getAsInt()));
      int flags = random.nextInt(6) == 0 ? Kiocb.DSYNC : 0;
      writes.add(
          file.io()
              .writeAsync((long) blockNr * blockBytes, memory, flags)
              .thenAccept(result -> ended(oracle, blockNr, result, flags)));
    }
    writes.forEach(CompletableFuture::join);
  }

  private void ended(Oracle oracle, int blockNr, long result, int flags) {
    if (result != blockBytes) {
      throw new AssertionError("write of block " + blockNr + ": " + result);
    }
    if (flags == 0) {
      oracle.end(blockNr);
    } else {
      oracle.endDurably(blockNr, events.getAsInt());
    }
  }

  private void append(Ext4File file, Oracle oracle, Arena arena) {
    int first = blocksOf(oracle);
    int count = Math.min(1 + random.nextInt(4), FILE_BLOCKS - first);
    for (int blockNr = first; blockNr < first + count; blockNr++) {
      MemorySegment memory = arena.allocate(blockBytes, 4096);
      int event = events.getAsInt();
      Stamp.put(memory, oracle.file(), blockNr, oracle.begin(blockNr, event));
      oracle.resize((blockNr + 1L) * blockBytes, event);
      long result = file.io().write((long) blockNr * blockBytes, memory, 0);
      if (result != blockBytes) {
        throw new AssertionError("append of block " + blockNr + ": " + result);
      }
      oracle.end(blockNr);
      oracle.resized();
    }
  }

  /** As programs write that do not ask for direct I/O; a sync of any other file leaves it there. */
  private void writeLater(Ext4File file, Oracle oracle, Arena arena) {
    int first = random.nextInt(Math.min(FILE_BLOCKS - LATER_BLOCKS, blocksOf(oracle)) + 1);
    for (int blockNr = first; blockNr < first + LATER_BLOCKS; blockNr++) {
      long position = (long) blockNr * blockBytes;
      MemorySegment memory = arena.allocate(blockBytes, 4096);
      int event = events.getAsInt();
      Stamp.put(memory, oracle.file(), blockNr, oracle.begin(blockNr, event));
      oracle.resize(Math.max(oracle.sizeBytes(), position + blockBytes), event);
      long taken = file.writeLater(position, memory);
      if (taken == -Errno.EAGAIN) {
        taken = file.io().write(position, memory, 0);
      }
      assertEquals(blockBytes, taken);
      oracle.end(blockNr);
      oracle.resized();
    }
  }

  private void resize(Ext4Volume volume, Ext4File file, Oracle oracle) throws IOException {
    int old = blocksOf(oracle);
    int now = Math.clamp(old + random.nextInt(41) - 30, 0, FILE_BLOCKS);
    int event = events.getAsInt();
    oracle.beginZeroes(now, FILE_BLOCKS, event);
    oracle.resize((long) now * blockBytes, event);
    AttributeChange change = AttributeChange.NONE.withSizeBytes((long) now * blockBytes);
    InodeAttributes changed = volume.namespace().change(file.inodeNr(), change);
    assertEquals((long) now * blockBytes, changed.sizeBytes());
    oracle.endZeroes(now, FILE_BLOCKS);
    oracle.resized();
  }

  private void makeZeroes(Ext4Volume volume, Ext4File file, Oracle oracle) throws IOException {
    int blocks = blocksOf(oracle);
    if (blocks < 2) {
      return;
    }
    int from = random.nextInt(blocks - 1);
    int end = Math.min(blocks, from + 1 + random.nextInt(20));
    long at = (long) from * blockBytes;
    long length = (long) (end - from) * blockBytes;
    oracle.beginZeroes(from, end, events.getAsInt());
    if (volume.superblock().has(Feature.EXTENTS) && random.nextBoolean()) {
      volume.namespace().ranges().zero(file.inodeNr(), at, length, true);
    } else {
      volume.namespace().ranges().punch(file.inodeNr(), at, length);
    }
    oracle.endZeroes(from, end);
  }

  private int blocksOf(Oracle oracle) {
    return (int) (oracle.sizeBytes() / blockBytes);
  }

  private void sync(Ext4Volume volume, Ext4File file, Oracle oracle) throws IOException {
    switch (random.nextInt(4)) {
      case 0 -> {
        volume.sync();
        int event = events.getAsInt();
        oracles.forEach(each -> each.synced(event));
      }
      case 1, 2 -> {
        file.sync(random.nextBoolean());
        oracle.synced(events.getAsInt());
      }
      default -> {
        // What is not synced may be lost.
      }
    }
  }
}
