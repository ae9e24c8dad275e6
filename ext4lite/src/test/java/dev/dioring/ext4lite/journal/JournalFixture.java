package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.block.FaultyBlockDevice;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.ext4lite.buffer.MetadataBuffer;
import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.JournalSuperblock;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;

/**
 * A journal of 1024 blocks on an image in memory, and blocks of that image to change through it:
 * the content of each is its number and a value, over and over.
 */
final class JournalFixture implements AutoCloseable {
  static final int BLOCK_BYTES = 1024;
  private static final long NEVER_NANOS = Long.MAX_VALUE / 4;
  private static final long FIRST_BLOCK = 2000;

  final FaultyBlockDevice device;
  final JournalMap map;
  final MetadataCache cache;
  final LoggedJournal journal;
  final List<IOException> failures = new CopyOnWriteArrayList<>();
  private final MemoryBlockDevice memory;
  private final BlockIo io;
  private final long[] blockNrs;
  private final Arena arena = Arena.ofShared();

  JournalFixture(Path directory, int blocks) throws Exception {
    Ext4Image image =
        Ext4Image.make(directory.resolve("disk.img"), "8M", "-b", "1024", "-J", "size=1");
    MemorySegment content = MemorySegment.ofArray(image.bytes());
    memory = new MemoryBlockDevice("journal", content.byteSize());
    memory.medium().copyFrom(content);
    device = new FaultyBlockDevice(memory);
    io = new BlockIo(device);
    map = JournalInode.map(io, superblock());
    cache = new MetadataCache(io, BLOCK_BYTES, 64 * BLOCK_BYTES);
    blockNrs =
        LongStream.iterate(FIRST_BLOCK, b -> b + 1)
            .filter(b -> !map.contains(b))
            .limit(blocks)
            .toArray();
    journal =
        new LoggedJournal(
            "test",
            io,
            new JournalPlace(io, map, 0),
            BLOCK_BYTES,
            NEVER_NANOS,
            Clock.systemUTC(),
            0,
            failures::add);
  }

  long blockNr(int index) {
    return blockNrs[index];
  }

  /** Changes a block; two threads must not change the same one. */
  void change(Handle handle, int index, long value) throws IOException {
    try (MetadataBuffer buffer = cache.get(blockNrs[index])) {
      handle.access(buffer);
      fill(buffer.data(), index, value);
      handle.dirty(buffer);
    }
  }

  /** One change of one block. @return its transaction */
  long changeOne(int index, long value) throws IOException {
    try (Handle handle = journal.start(1)) {
      change(handle, index, value);
      return handle.transaction();
    }
  }

  /** The value of a block in its place on the medium, or -1 if it is none of ours. */
  long valueInPlace(int index) {
    MemorySegment block = memory.medium().asSlice(blockNrs[index] * BLOCK_BYTES, BLOCK_BYTES);
    for (long at = 0; at < BLOCK_BYTES; at += 16) {
      if (block.get(ValueLayout.JAVA_LONG, at) != blockNrs[index]
          || block.get(ValueLayout.JAVA_LONG, at + 8) != block.get(ValueLayout.JAVA_LONG, 8)) {
        return -1;
      }
    }
    return block.get(ValueLayout.JAVA_LONG, 8);
  }

  /** Writes a block in its place, as a file does whose data it has become. */
  void writeInPlace(int index, long value) throws BlockIoException {
    MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
    fill(block, index, value);
    io.write(blockNrs[index] * BLOCK_BYTES, block);
  }

  /** Recovers the medium as it is now. */
  Recovered recover() throws IOException {
    Superblock superblock = superblock();
    superblock.feature(Feature.RECOVER, true);
    return JournalRecovery.recover(
        memory, superblock, true, null, (device, commits, blocks) -> Map.of(), arena);
  }

  JournalSuperblock header() {
    return new JournalSuperblock(memory.medium(), map.blockNr(0) * BLOCK_BYTES);
  }

  boolean isInLog(BlockRequest request) {
    return map.contains(request.byteOffset() / BLOCK_BYTES);
  }

  BlockDevice medium() {
    return memory;
  }

  private Superblock superblock() {
    MemorySegment copy = arena.allocate(4096, 4096);
    copy.copyFrom(memory.medium().asSlice(0, 4096));
    return new Superblock(copy, Superblock.VOLUME_BYTE_OFFSET);
  }

  private void fill(MemorySegment block, int index, long value) {
    for (long at = 0; at < BLOCK_BYTES; at += 16) {
      block.set(ValueLayout.JAVA_LONG, at, blockNrs[index]);
      block.set(ValueLayout.JAVA_LONG, at + 8, value);
    }
  }

  @Override
  public void close() {
    device.close();
    cache.close();
    arena.close();
  }
}
