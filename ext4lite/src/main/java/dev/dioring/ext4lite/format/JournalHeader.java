package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;

/**
 * The header that every block of the journal starts with but copies of filesystem blocks.
 *
 * <pre>
 * 00 magic c03b3998   type              sequence
 * </pre>
 *
 * <p>A copied block that starts with the magic too would be taken for one of the journal's own: its
 * first four bytes are logged as zeroes and its tag says {@link DescriptorTags#FLAG_ESCAPED}.
 */
public final class JournalHeader {
  public static final int MAGIC = 0xc03b_3998;
  public static final int SIZE_BYTES = 12;

  /** Names the blocks whose copies follow; see {@link DescriptorTags}. */
  public static final int DESCRIPTOR = 1;

  /** Ends a transaction; see {@link CommitBlock}. */
  public static final int COMMIT = 2;

  /** See {@link JournalSuperblock}. */
  public static final int SUPERBLOCK_V1 = 3;

  /** See {@link JournalSuperblock}. */
  public static final int SUPERBLOCK_V2 = 4;

  /** Names blocks whose older copies must not be replayed; see {@link RevokeRecords}. */
  public static final int REVOKE = 5;

  private JournalHeader() {}

  /** Whether a block starts with the magic. */
  public static boolean hasMagic(MemorySegment block, long base) {
    return BigEndian.i32(block, base) == MAGIC;
  }

  public static int type(MemorySegment block, long base) {
    return BigEndian.i32(block, base + 4);
  }

  /** Number of the transaction; numbers wrap around. */
  public static int sequence(MemorySegment block, long base) {
    return BigEndian.i32(block, base + 8);
  }

  /** Whether a block is of the journal and of a transaction. */
  public static boolean belongsTo(MemorySegment block, long base, int sequence) {
    return hasMagic(block, base) && sequence(block, base) == sequence;
  }

  /** Writes a header. */
  public static void put(MemorySegment block, long base, int type, int sequence) {
    BigEndian.put32(block, base, MAGIC);
    BigEndian.put32(block, base + 4, type);
    BigEndian.put32(block, base + 8, sequence);
  }

  /** Takes the magic out of a copy that is to be logged. */
  public static void escape(MemorySegment copy, long base) {
    BigEndian.put32(copy, base, 0);
  }

  /** Puts the magic back into an escaped copy. */
  public static void unescape(MemorySegment copy, long base) {
    BigEndian.put32(copy, base, MAGIC);
  }

  /** Whether transaction {@code a} is later than {@code b}, by numbers that wrap around. */
  public static boolean isLater(int a, int b) {
    return a - b > 0;
  }
}
