package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The first block of a journal, as far as it is shown. Unlike the rest of ext4 it is big endian.
 *
 * <pre>
 * 00 magic c03b3998   type 3 or 4   sequence    blocksize
 * 10 maxlen           first         sequence    start
 * 20 errno            compat        incompat    ro_compat   30 uuid ...  54 fast commit blocks
 * </pre>
 */
public final class JournalSuperblock {
  private static final ValueLayout.OfInt BIG =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int MAGIC = 0xc03b_3998;
  private static final int TYPE_V1 = 3;
  private static final int TYPE_V2 = 4;
  private static final List<String> INCOMPAT_NAMES =
      List.of(
          "journal_incompat_revoke",
          "journal_64bit",
          "journal_async_commit",
          "journal_checksum_v2",
          "journal_checksum_v3",
          "fast_commit");

  private final MemorySegment memory;
  private final long base;

  public JournalSuperblock(MemorySegment memory, long byteOffset) {
    this.memory = memory;
    this.base = byteOffset;
  }

  /** Whether there is one at all. */
  public boolean isPresent() {
    int type = i32(4);
    return i32(0) == MAGIC && (type == TYPE_V1 || type == TYPE_V2);
  }

  public long blockSizeBytes() {
    return u32(0x0c);
  }

  /** Length of the journal. */
  public long lengthBlocks() {
    return u32(0x10);
  }

  /** The transaction expected first. */
  public long sequence() {
    return u32(0x18);
  }

  /** Where the log starts; 0 if there is nothing to recover. */
  public long startBlock() {
    return u32(0x1c);
  }

  public int errno() {
    return i32(0x20);
  }

  /** Blocks at the end that fast commits use. */
  public long fastCommitBlocks() {
    return u32(0x54);
  }

  public List<String> features() {
    List<String> names = new ArrayList<>();
    if (i32(4) == TYPE_V1) {
      return names;
    }
    if ((i32(0x24) & 1) != 0) {
      names.add("journal_checksum");
    }
    int incompat = i32(0x28);
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      if ((incompat & 1 << bit) != 0) {
        names.add(bit < INCOMPAT_NAMES.size() ? INCOMPAT_NAMES.get(bit) : "FEATURE_I" + bit);
      }
    }
    return names;
  }

  private int i32(int offset) {
    return memory.get(BIG, base + offset);
  }

  private long u32(int offset) {
    return i32(offset) & 0xffff_ffffL;
  }
}
