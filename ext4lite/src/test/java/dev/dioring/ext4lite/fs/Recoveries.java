package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.JournalRecovery;
import dev.dioring.ext4lite.journal.Recovered;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

/** Runs the recovery of images by itself, without opening them. */
final class Recoveries {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  private Recoveries() {}

  /** Recovers in place. */
  static Recovered inPlace(BlockDevice device) throws IOException {
    try (Arena arena = Arena.ofShared()) {
      Superblock superblock = new SuperblockReader(new BlockIo(device), "image").read(arena);
      return JournalRecovery.recover(
          device, superblock, true, null, new FastCommitReplay(CLOCK), arena);
    }
  }

  /** The image that recovery leaves. */
  static byte[] inPlace(byte[] image) throws IOException {
    try (MemoryBlockDevice device = device(image)) {
      Recovered unused = inPlace(device);
      return content(device);
    }
  }

  static MemoryBlockDevice device(byte[] image) {
    MemoryBlockDevice device = new MemoryBlockDevice("image", image.length);
    MemorySegment.copy(MemorySegment.ofArray(image), 0, device.medium(), 0, image.length);
    return device;
  }

  static byte[] content(MemoryBlockDevice device) {
    return device.medium().toArray(ValueLayout.JAVA_BYTE);
  }
}
