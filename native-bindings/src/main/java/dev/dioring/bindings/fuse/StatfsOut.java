package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.fuse_kstatfs;
import java.lang.foreign.MemorySegment;

/** The reply to STATFS. It lies at an offset in memory. */
public final class StatfsOut {
  public static final int BYTES = (int) fuse_kstatfs.sizeof();

  private static final long BLOCKS_AT = fuse_kstatfs.blocks$offset();
  private static final long FREE_BLOCKS_AT = fuse_kstatfs.bfree$offset();
  private static final long AVAILABLE_BLOCKS_AT = fuse_kstatfs.bavail$offset();
  private static final long INODES_AT = fuse_kstatfs.files$offset();
  private static final long FREE_INODES_AT = fuse_kstatfs.ffree$offset();
  private static final long BLOCK_SIZE_BYTES_AT = fuse_kstatfs.bsize$offset();
  private static final long NAME_BYTES_MAX_AT = fuse_kstatfs.namelen$offset();
  private static final long FRAGMENT_BYTES_AT = fuse_kstatfs.frsize$offset();

  private StatfsOut() {}

  public static void blocks(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + BLOCKS_AT, value);
  }

  public static void freeBlocks(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + FREE_BLOCKS_AT, value);
  }

  public static void availableBlocks(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + AVAILABLE_BLOCKS_AT, value);
  }

  public static void inodes(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + INODES_AT, value);
  }

  public static void freeInodes(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + FREE_INODES_AT, value);
  }

  public static void blockSizeBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + BLOCK_SIZE_BYTES_AT, value);
  }

  public static void nameBytesMax(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + NAME_BYTES_MAX_AT, value);
  }

  public static void fragmentBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + FRAGMENT_BYTES_AT, value);
  }
}
