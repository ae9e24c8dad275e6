package dev.dioring.ext4lite.format;

import java.util.ArrayList;
import java.util.List;

/**
 * The three feature words of a journal, and the sizes that follow from them.
 *
 * @param compat s_feature_compat
 * @param incompat s_feature_incompat
 * @param roCompat s_feature_ro_compat
 */
public record JournalFeatures(int compat, int incompat, int roCompat) {
  /** Transactions end with a checksum of all their blocks, revoke blocks excepted. */
  public static final int COMPAT_CHECKSUM = 0x1;

  public static final int INCOMPAT_REVOKE = 0x1;

  /** Block numbers have 64 bits. */
  public static final int INCOMPAT_64BIT = 0x2;

  /** The commit block may reach the disk before the blocks of its transaction. */
  public static final int INCOMPAT_ASYNC_COMMIT = 0x4;

  /** Every block has a checksum, those of copies are cut to 16 bits. */
  public static final int INCOMPAT_CHECKSUM_V2 = 0x8;

  /** Every block has a checksum of 32 bits. */
  public static final int INCOMPAT_CHECKSUM_V3 = 0x10;

  /** The end of the journal holds fast commits. */
  public static final int INCOMPAT_FAST_COMMIT = 0x20;

  /** A journal of version 1, which has no features. */
  public static final JournalFeatures NONE = new JournalFeatures(0, 0, 0);

  private static final List<String> INCOMPAT_NAMES =
      List.of(
          "journal_incompat_revoke",
          "journal_64bit",
          "journal_async_commit",
          "journal_checksum_v2",
          "journal_checksum_v3",
          "fast_commit");

  private static final int TAIL_BYTES = 4;
  private static final int TAG_BYTES = 12;
  private static final int TAG_V3_BYTES = 16;

  public boolean checksumV1() {
    return (compat & COMPAT_CHECKSUM) != 0;
  }

  public boolean revokes() {
    return (incompat & INCOMPAT_REVOKE) != 0;
  }

  public boolean is64Bit() {
    return (incompat & INCOMPAT_64BIT) != 0;
  }

  public boolean asyncCommit() {
    return (incompat & INCOMPAT_ASYNC_COMMIT) != 0;
  }

  public boolean checksumV2() {
    return (incompat & INCOMPAT_CHECKSUM_V2) != 0;
  }

  public boolean checksumV3() {
    return (incompat & INCOMPAT_CHECKSUM_V3) != 0;
  }

  public boolean fastCommit() {
    return (incompat & INCOMPAT_FAST_COMMIT) != 0;
  }

  /** Whether every block has a checksum of its own: version 2 or 3. */
  public boolean blocksChecksummed() {
    return checksumV2() || checksumV3();
  }

  /** Size of a descriptor's tag without a UUID. Version 2 reserves two bytes it does not use. */
  public int tagBytes() {
    if (checksumV3()) {
      return TAG_V3_BYTES;
    }
    int bytes = checksumV2() ? TAG_BYTES + Short.BYTES : TAG_BYTES;
    return is64Bit() ? bytes : bytes - Integer.BYTES;
  }

  public int revokeRecordBytes() {
    return is64Bit() ? Long.BYTES : Integer.BYTES;
  }

  /** Bytes at the end of descriptor and revoke blocks that hold their checksum. */
  public int tailBytes() {
    return blocksChecksummed() ? TAIL_BYTES : 0;
  }

  /** The names of all features set, unknown ones as FEATURE_I27 and the like. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      if ((compat & 1 << bit) != 0) {
        names.add(bit == 0 ? "journal_checksum" : "FEATURE_C" + bit);
      }
    }
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      if ((incompat & 1 << bit) != 0) {
        names.add(bit < INCOMPAT_NAMES.size() ? INCOMPAT_NAMES.get(bit) : "FEATURE_I" + bit);
      }
    }
    names.addAll(unknownRoCompat());
    return names;
  }

  /** The names of features without which the journal cannot be read. */
  public List<String> unknownIncompat() {
    return new JournalFeatures(0, incompat & -1 << INCOMPAT_NAMES.size(), 0).names();
  }

  /** The names of features without which the journal cannot be written; there is none known. */
  public List<String> unknownRoCompat() {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      if ((roCompat & 1 << bit) != 0) {
        names.add("FEATURE_R" + bit);
      }
    }
    return names;
  }
}
