package dev.dioring.ext4lite.crash;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * What workloads write: each sector says which file, block and version it is of, so that any sector
 * found after a crash can be told from stale content and from other files'.
 */
final class Stamp {
  static final int SECTOR_BYTES = 512;

  /** At the start of every sector of file content. */
  static final long MAGIC = 0x6469_6f72_696e_6721L;

  private static final int RECORD_BYTES = 32;

  private Stamp() {}

  /** Fills a block. */
  static void put(MemorySegment block, int file, int blockNr, int version) {
    for (long at = 0; at < block.byteSize(); at += RECORD_BYTES) {
      block.set(JAVA_LONG_UNALIGNED, at, MAGIC);
      block.set(JAVA_INT_UNALIGNED, at + 8, file);
      block.set(JAVA_INT_UNALIGNED, at + 12, blockNr);
      block.set(JAVA_INT_UNALIGNED, at + 16, version);
      block.set(JAVA_INT_UNALIGNED, at + 20, (int) (at / SECTOR_BYTES));
      block.set(JAVA_LONG_UNALIGNED, at + 24, ~MAGIC);
    }
  }

  /** Whether a sector of a block is of a version; version 0 is zeroes. */
  static boolean matches(MemorySegment sector, int file, int blockNr, int index, int version) {
    for (long at = 0; at < SECTOR_BYTES; at += RECORD_BYTES) {
      boolean same =
          version == 0
              ? sector.get(JAVA_LONG_UNALIGNED, at) == 0
                  && sector.get(JAVA_LONG_UNALIGNED, at + 8) == 0
                  && sector.get(JAVA_LONG_UNALIGNED, at + 16) == 0
                  && sector.get(JAVA_LONG_UNALIGNED, at + 24) == 0
              : sector.get(JAVA_LONG_UNALIGNED, at) == MAGIC
                  && sector.get(JAVA_INT_UNALIGNED, at + 8) == file
                  && sector.get(JAVA_INT_UNALIGNED, at + 12) == blockNr
                  && sector.get(JAVA_INT_UNALIGNED, at + 16) == version
                  && sector.get(JAVA_INT_UNALIGNED, at + 20) == index
                  && sector.get(JAVA_LONG_UNALIGNED, at + 24) == ~MAGIC;
      if (!same) {
        return false;
      }
    }
    return true;
  }

  /** What a sector seems to be, for messages. */
  static String describe(MemorySegment sector) {
    if (sector.get(JAVA_LONG_UNALIGNED, 0) == MAGIC) {
      return "file "
          + sector.get(JAVA_INT_UNALIGNED, 8)
          + " block "
          + sector.get(JAVA_INT_UNALIGNED, 12)
          + " version "
          + sector.get(JAVA_INT_UNALIGNED, 16);
    }
    return "bytes " + Long.toHexString(sector.get(JAVA_LONG_UNALIGNED, 0));
  }
}
