package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.UUID;

/**
 * The first block of a journal, or, on an external journal, the one behind its ext4 superblock.
 * Unlike the rest of ext4 the journal is big endian.
 *
 * <pre>
 *  00 magic c03b3998   type 3 or 4       -                 blocksize
 *  10 maxlen           first             sequence          start
 *  20 errno            compat            incompat          ro_compat         from here v2 only
 *  30 uuid ...
 *  40 nr_users         dynsuper          max_transaction   max_trans_data
 *  50 checksum_type|-  num_fc_blocks     head              - ...
 *  fc checksum         users[16 of 48] ...
 * </pre>
 */
public final class JournalSuperblock {
  public static final int SIZE_BYTES = 1024;

  /** The only checksum that versions 2 and 3 may have: crc32c. */
  public static final int CHECKSUM_TYPE_CRC32C = 4;

  /** What fast commits take if {@link #fastCommitBlocks} says 0. */
  public static final int FAST_COMMIT_BLOCKS_DEFAULT = 256;

  /** Smallest journal there can be, without the fast commits' part. */
  public static final int LENGTH_BLOCKS_MIN = 1024;

  private static final int UUID_OFFSET = 0x30;
  private static final int UUID_BYTES = 16;
  private static final int USERS_OFFSET = 0x100;
  private static final int CHECKSUM_OFFSET = 0xfc;

  private final MemorySegment memory;
  private final long base;

  public JournalSuperblock(MemorySegment memory, long byteOffset) {
    this.memory = memory;
    this.base = byteOffset;
  }

  /** Whether there is one at all. */
  public boolean isPresent() {
    int type = JournalHeader.type(memory, base);
    return JournalHeader.hasMagic(memory, base)
        && (type == JournalHeader.SUPERBLOCK_V1 || type == JournalHeader.SUPERBLOCK_V2);
  }

  /** Whether it has the fields from the features on. */
  public boolean isVersion2() {
    return JournalHeader.type(memory, base) == JournalHeader.SUPERBLOCK_V2;
  }

  public long blockSizeBytes() {
    return u32(0x0c);
  }

  /** Length of the journal, its superblock and the fast commits' part included. */
  public long lengthBlocks() {
    return u32(0x10);
  }

  /** First block of the log, counted from the start of the journal. */
  public long firstBlock() {
    return u32(0x14);
  }

  /** The transaction expected first. */
  public int sequence() {
    return i32(0x18);
  }

  public void sequence(int sequence) {
    put32(0x18, sequence);
  }

  /** Where the log starts; 0 if there is nothing to recover. */
  public long startBlock() {
    return u32(0x1c);
  }

  public void startBlock(long block) {
    put32(0x1c, block);
  }

  /** Why the journal was aborted: a positive or negative number of the system it ran on, or 0. */
  public int errno() {
    return i32(0x20);
  }

  public void errno(int errno) {
    put32(0x20, errno);
  }

  public JournalFeatures features() {
    return isVersion2()
        ? new JournalFeatures(i32(0x24), i32(0x28), i32(0x2c))
        : JournalFeatures.NONE;
  }

  /** Sets the features; the journal must be of version 2. */
  public void features(JournalFeatures features) {
    put32(0x24, features.compat());
    put32(0x28, features.incompat());
    put32(0x2c, features.roCompat());
  }

  /** The filesystem's for an internal journal, its own for an external one. */
  public byte[] uuidBytes() {
    byte[] uuid = new byte[UUID_BYTES];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, base + UUID_OFFSET, uuid, 0, UUID_BYTES);
    return uuid;
  }

  /** Filesystems that use an external journal. */
  public long usersCount() {
    return u32(0x40);
  }

  /** Whether the first of them is this one. */
  public boolean isUsedBy(UUID filesystem) {
    long high = Integer.toUnsignedLong(i32(USERS_OFFSET)) << 32 | u32(USERS_OFFSET + 4);
    long low = Integer.toUnsignedLong(i32(USERS_OFFSET + 8)) << 32 | u32(USERS_OFFSET + 12);
    return filesystem.equals(new UUID(high, low));
  }

  /** Longest transaction, in blocks; 0 where the journal leaves it to its user. */
  public long transactionBlocksMax() {
    return u32(0x48);
  }

  public int checksumType() {
    return BigEndian.u8(memory, base + 0x50);
  }

  public void checksumType(int type) {
    BigEndian.put8(memory, base + 0x50, type);
  }

  /** Blocks at the end that fast commits use, or 0 for the default, if they are a feature. */
  public long fastCommitBlocks() {
    return u32(0x54);
  }

  /** Where the log ended when it was emptied; a hint. */
  public long headBlock() {
    return u32(0x58);
  }

  public void headBlock(long block) {
    put32(0x58, block);
  }

  /** First block behind the log, where it wraps around; fast commits lie behind that. */
  public long endBlock() {
    long length = lengthBlocks();
    if (!features().fastCommit()) {
      return length;
    }
    long fast = fastCommitBlocks() == 0 ? FAST_COMMIT_BLOCKS_DEFAULT : fastCommitBlocks();
    return length - fast >= LENGTH_BLOCKS_MIN ? length - fast : length;
  }

  public int checksum() {
    return i32(CHECKSUM_OFFSET);
  }

  /** The checksum of the content, which journals with checksums of version 2 or 3 store. */
  public int computeChecksum() {
    int crc = Crc32c.update(Crc32c.SEED, memory, base, CHECKSUM_OFFSET);
    crc = Crc32c.updateZeroes(crc, Integer.BYTES);
    int rest = CHECKSUM_OFFSET + Integer.BYTES;
    return Crc32c.update(crc, memory, base + rest, SIZE_BYTES - rest);
  }

  /** Stores the checksum, where the journal has one. */
  public void updateChecksum() {
    if (features().blocksChecksummed()) {
      put32(CHECKSUM_OFFSET, computeChecksum());
    }
  }

  private int i32(int offset) {
    return BigEndian.i32(memory, base + offset);
  }

  private long u32(int offset) {
    return BigEndian.u32(memory, base + offset);
  }

  private void put32(int offset, long value) {
    BigEndian.put32(memory, base + offset, value);
  }
}
