package dev.dioring.ext4lite.cli;

import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Streams whole files out of and into a volume, with a few large requests in flight. */
final class FileCopy {
  /** Takes the next bytes of a file; the array is reused. */
  interface Sink {
    void accept(byte[] bytes, int length) throws IOException;
  }

  /** Makes the sink, once it is known that the file can be opened. */
  interface Opening {
    Sink open() throws IOException;
  }

  private record Chunk(MemorySegment memory, CompletableFuture<Long> result) {}

  private static final int CHUNK_BYTES = 1 << 20;
  private static final int CHUNKS = 4;
  private static final int PAGE_BYTES = 4096;

  private final Ext4Volume volume;

  FileCopy(Ext4Volume volume) {
    this.volume = volume;
  }

  /** Reads a file from start to end. */
  void read(Ext4Inode inode, Opening opening) throws IOException {
    try (Ext4File file = volume.openFile(inode.inodeNr(), false);
        Arena arena = Arena.ofShared()) {
      Sink sink = opening.open();
      long size = file.sizeBytes();
      ArrayDeque<Chunk> flying = new ArrayDeque<>();
      byte[] bytes = new byte[CHUNK_BYTES];
      try {
        long next = 0;
        while (next < size && flying.size() < CHUNKS) {
          flying.add(startRead(file, next, arena.allocate(CHUNK_BYTES, PAGE_BYTES)));
          next += CHUNK_BYTES;
        }
        while (!flying.isEmpty()) {
          Chunk chunk = flying.remove();
          int count = (int) result(file, chunk.result, "reading inode " + inode.inodeNr());
          MemorySegment.copy(chunk.memory, ValueLayout.JAVA_BYTE, 0, bytes, 0, count);
          if (next < size) {
            flying.add(startRead(file, next, chunk.memory));
            next += CHUNK_BYTES;
          }
          sink.accept(bytes, count);
        }
      } finally {
        // The device still writes to the memory of what is in flight.
        flying.forEach(chunk -> chunk.result.join());
      }
    }
  }

  /** Replaces a file's content. */
  void write(Ext4Inode inode, InputStream source, long lengthBytes) throws IOException {
    if (inode.sizeBytes() > lengthBytes) {
      AttributeChange cut = AttributeChange.NONE.withSizeBytes(lengthBytes);
      InodeAttributes unused = volume.namespace().change(inode.inodeNr(), cut);
    }
    try (Ext4File file = volume.openFile(inode.inodeNr(), true);
        Arena arena = Arena.ofShared()) {
      if (lengthBytes > 0) {
        allocate(inode, file, lengthBytes);
      }
      List<Chunk> flying = new ArrayList<>();
      try {
        for (int i = 0; i < CHUNKS; i++) {
          MemorySegment memory = arena.allocate(CHUNK_BYTES, PAGE_BYTES);
          flying.add(new Chunk(memory, CompletableFuture.completedFuture(0L)));
        }
        int slot = 0;
        byte[] bytes = new byte[CHUNK_BYTES];
        for (long at = 0; at < lengthBytes; at += CHUNK_BYTES) {
          Chunk free = flying.get(slot);
          long unused = result(file, free.result, "writing inode " + inode.inodeNr());
          int wanted = (int) Math.min(CHUNK_BYTES, lengthBytes - at);
          if (source.readNBytes(bytes, 0, wanted) != wanted) {
            throw new CliException(ExitStatus.IO, "the source became shorter while it was copied");
          }
          flying.set(slot, startWrite(file, at, free.memory, bytes, wanted));
          slot = (slot + 1) % CHUNKS;
        }
        for (Chunk chunk : flying) {
          long unused = result(file, chunk.result, "writing inode " + inode.inodeNr());
        }
      } finally {
        flying.forEach(chunk -> chunk.result.join());
      }
    }
  }

  /** Sets the size, with the blocks where the file can have them before they are written. */
  private void allocate(Ext4Inode inode, Ext4File file, long lengthBytes) throws IOException {
    boolean extents = (inode.flags() & Inode.FLAG_EXTENTS) != 0 || inode.isInline();
    if (extents && volume.superblock().has(Feature.EXTENTS)) {
      file.fallocate(0, lengthBytes, false);
    } else {
      AttributeChange size = AttributeChange.NONE.withSizeBytes(lengthBytes);
      InodeAttributes unused = volume.namespace().change(inode.inodeNr(), size);
    }
  }

  private static Chunk startRead(Ext4File file, long at, MemorySegment memory) {
    return new Chunk(memory, file.io().readAsync(at, memory, 0));
  }

  /** Writes whole device blocks; zeroes pad the last one behind the end of the file. */
  private Chunk startWrite(Ext4File file, long at, MemorySegment memory, byte[] bytes, int count) {
    int unit = volume.device().geometry().offsetAlignmentBytes();
    int padded = Math.ceilDiv(count, unit) * unit;
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, count);
    memory.asSlice(count, padded - count).fill((byte) 0);
    return new Chunk(memory, file.io().writeAsync(at, memory.asSlice(0, padded), Kiocb.KEEP_SIZE));
  }

  private static long result(Ext4File file, CompletableFuture<Long> future, String what)
      throws Ext4Exception {
    long result = future.join();
    if (result < 0) {
      throw file.explain(what, (int) -result);
    }
    return result;
  }
}
