package dev.dioring.ext4lite.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.UUID;

/**
 * The superblock: 1024 bytes at byte 1024 of the volume, copied to some of the block groups.
 *
 * <pre>
 * 000 inodes_count    blocks_count_lo  r_blocks_lo      free_blocks_lo
 * 010 free_inodes     first_data_block log_block_size   log_cluster_size
 * 020 blocks_per_grp  clusters_per_grp inodes_per_group mtime
 * 030 wtime           mnt|max_mnt      magic|state      errors|minor_rev
 * 040 lastcheck       checkinterval    creator_os       rev_level
 * 050 resuid|resgid   first_ino        inode_size|group feature_compat
 * 060 incompat        ro_compat        uuid[16] 078 volume_name[16] 088 last_mounted[64]
 * 0cc prealloc, reserved_gdt_blocks    0d0 journal_uuid[16]
 * 0e0 journal_inum    journal_dev      last_orphan      hash_seed[4]
 * 0fc def_hash_version, jnl_backup_type, desc_size      100 default_mount_opts
 * 104 first_meta_bg   mkfs_time        jnl_blocks[17]   150 blocks_count_hi ...
 * 15c min_extra_isize want_extra_isize 160 flags        164 raid_stride mmp_interval mmp_block[8]
 * 170 raid_stripe_width, log_groups_per_flex, checksum_type, 178 kbytes_written
 * 194 error_count, first_error, last_error              200 mount_opts[64]
 * 240 quota inodes    overhead         backup_bgs[2]    encrypt_algos, salt
 * 268 lpf_ino         prj_quota_inum   270 checksum_seed, upper bytes of times
 * 27c encoding        280 orphan_file_inum              3fc checksum
 * </pre>
 */
public final class Superblock {
  /** Where the primary superblock lies on the volume, whatever the block size. */
  public static final long VOLUME_BYTE_OFFSET = 1024;

  /** Size of the structure. */
  public static final int SIZE_BYTES = 1024;

  public static final int MAGIC = 0xef53;

  /** {@link #state()}: unmounted cleanly. */
  public static final int STATE_VALID = 1;

  /** {@link #state()}: errors were found. */
  public static final int STATE_ERROR = 2;

  /** {@link #state()}: orphans are being recovered. */
  public static final int STATE_ORPHANS = 4;

  /** {@link #revision()}: the first format, with fixed inodes and no features. */
  public static final int REVISION_OLD = 0;

  /** {@link #flags()}: directory hashes take names as signed bytes. */
  public static final int FLAG_SIGNED_HASH = 1;

  /** {@link #flags()}: directory hashes take names as unsigned bytes. */
  public static final int FLAG_UNSIGNED_HASH = 2;

  /** {@link #journalBackupType()}: there is a {@link #journalBackup}. */
  public static final int JOURNAL_BACKUP_BLOCKS = 1;

  /** Room for the name of a volume. */
  public static final int VOLUME_NAME_BYTES = 16;

  private static final int VOLUME_NAME = 0x78;
  private static final int OLD_INODE_SIZE = 128;

  /** {@link #isDefault}: the device's cache is not flushed. */
  public static final int DEFAULT_NOBARRIER = 0x100;

  /** {@link #isDefault}: what is made gets the group of its directory. */
  public static final int DEFAULT_BSDGROUPS = 0x2;

  /** {@link #isDefault}: content gets its blocks when it is written. */
  public static final int DEFAULT_NODELALLOC = 0x800;

  /** {@link #isDefault}: freed blocks are discarded. */
  public static final int DEFAULT_DISCARD = 0x400;

  private static final int JOURNAL_BACKUP_OFFSET = 0x10c;
  private static final int OLD_FIRST_INODE = 11;
  private static final int CHECKSUM_OFFSET = 0x3fc;

  private static final int DEFAULT_OPTIONS = 0x100;
  private static final int JOURNAL_MODE_MASK = 0x60;
  private static final int JOURNAL_MODE_DATA = 0x20;

  private final MemorySegment memory;
  private final long base;

  /** Views the structure at {@code byteOffset} of {@code memory}. */
  public Superblock(MemorySegment memory, long byteOffset) {
    this.memory = memory;
    this.base = byteOffset;
  }

  /** The memory it lies in. */
  public MemorySegment memory() {
    return memory;
  }

  /** Where in that memory it starts. */
  public long base() {
    return base;
  }

  /** Takes the content of another. */
  public void copyFrom(Superblock other) {
    MemorySegment.copy(other.memory, other.base, memory, base, SIZE_BYTES);
  }

  /** The errors that were met. */
  public ErrorRecord errors() {
    return new ErrorRecord(memory, base);
  }

  /** When it was made, mounted and written. */
  public UsageRecord usage() {
    return new UsageRecord(memory, base);
  }

  public long inodesCount() {
    return u32(0x00);
  }

  public long blocksCount() {
    return wide(0x04, 0x150);
  }

  public long reservedBlocksCount() {
    return wide(0x08, 0x154);
  }

  /** Free blocks, not clusters, unlike in the group descriptors. */
  public long freeBlocksCount() {
    return wide(0x0c, 0x158);
  }

  public void freeBlocksCount(long blocks) {
    LittleEndian.put32(memory, base + 0x0c, blocks);
    if (has(Feature.BIT64)) {
      LittleEndian.put32(memory, base + 0x158, blocks >>> 32);
    }
  }

  public long freeInodesCount() {
    return u32(0x10);
  }

  public void freeInodesCount(long inodes) {
    LittleEndian.put32(memory, base + 0x10, inodes);
  }

  public long firstDataBlock() {
    return u32(0x14);
  }

  public long logBlockSize() {
    return u32(0x18);
  }

  public long logClusterSize() {
    return u32(0x1c);
  }

  public long blocksPerGroup() {
    return u32(0x20);
  }

  public long clustersPerGroup() {
    return u32(0x24);
  }

  public long inodesPerGroup() {
    return u32(0x28);
  }

  public int magic() {
    return u16(0x38);
  }

  public int state() {
    return u16(0x3a);
  }

  public void state(int state) {
    LittleEndian.put16(memory, base + 0x3a, state);
  }

  /** What to do on errors: 1 continue, 2 remount read-only, 3 panic. */
  public int errorsBehaviour() {
    return u16(0x3c);
  }

  public long revision() {
    return u32(0x4c);
  }

  /** A user who may have reserved blocks, besides root. */
  public int reserveUid() {
    return LittleEndian.u16(memory, base + 0x50);
  }

  /** A group that may have reserved blocks; 0 for none. */
  public int reserveGid() {
    return LittleEndian.u16(memory, base + 0x52);
  }

  public long firstInode() {
    return revision() == REVISION_OLD ? OLD_FIRST_INODE : u32(0x54);
  }

  public int inodeSizeBytes() {
    return revision() == REVISION_OLD ? OLD_INODE_SIZE : u16(0x58);
  }

  /** The group this copy lies in. */
  public int blockGroupNr() {
    return u16(0x5a);
  }

  /** The feature words, all empty in the first revision. */
  public Features features() {
    return revision() == REVISION_OLD
        ? new Features(0, 0, 0)
        : new Features(i32(0x5c), i32(0x60), i32(0x64));
  }

  /** Sets or clears a feature; the volume must not be of {@link #REVISION_OLD}. */
  public void feature(Feature feature, boolean on) {
    long at =
        base
            + switch (feature.kind()) {
              case COMPAT -> 0x5c;
              case INCOMPAT -> 0x60;
              case RO_COMPAT -> 0x64;
            };
    int word = LittleEndian.i32(memory, at);
    LittleEndian.put32(memory, at, on ? word | feature.mask() : word & ~feature.mask());
  }

  public boolean has(Feature feature) {
    return features().has(feature);
  }

  public UUID uuid() {
    return uuid(0x68);
  }

  /** The UUID as it lies on disk, which is what checksums start from. */
  public byte[] uuidBytes() {
    return LittleEndian.bytes(memory, base + 0x68, 16);
  }

  public String volumeName() {
    return LittleEndian.text(memory, base + VOLUME_NAME, VOLUME_NAME_BYTES);
  }

  /** The name as it lies on disk, filled up with zeroes. */
  public byte[] volumeNameBytes() {
    return LittleEndian.bytes(memory, base + VOLUME_NAME, VOLUME_NAME_BYTES);
  }

  /** Stores a name of at most {@link #VOLUME_NAME_BYTES}. */
  public void volumeName(byte[] name) {
    MemorySegment.copy(
        Arrays.copyOf(name, VOLUME_NAME_BYTES),
        0,
        memory,
        JAVA_BYTE,
        base + VOLUME_NAME,
        VOLUME_NAME_BYTES);
  }

  public int reservedGdtBlocks() {
    return u16(0xce);
  }

  public UUID journalUuid() {
    return uuid(0xd0);
  }

  public long journalInodeNr() {
    return u32(0xe0);
  }

  /** Head of the list of unlinked but open inodes, or 0. */
  public long lastOrphanInodeNr() {
    return u32(0xe8);
  }

  public void lastOrphanInodeNr(long inodeNr) {
    LittleEndian.put32(memory, base + 0xe8, inodeNr);
  }

  /** Word {@code index} (0 to 3) of the directory hash seed. */
  public int hashSeed(int index) {
    return i32(0xec + 4 * index);
  }

  public int defaultHashVersion() {
    return u8(0xfc);
  }

  public int journalBackupType() {
    return u8(0xfd);
  }

  /**
   * The copy of the journal inode's map and size.
   *
   * @param zeroed memory for an inode, which gets no other field
   */
  public Inode journalBackup(MemorySegment zeroed) {
    long copy = base + JOURNAL_BACKUP_OFFSET;
    MemorySegment.copy(memory, copy, zeroed, Inode.BLOCK_OFFSET, Inode.BLOCK_BYTES);
    Inode inode = new Inode(zeroed, 0, inodeSizeBytes());
    long high = LittleEndian.u32(memory, copy + Inode.BLOCK_BYTES);
    inode.size(LittleEndian.u32(memory, copy + Inode.BLOCK_BYTES + 4) | high << 32);
    return inode;
  }

  /** Size of a group descriptor. */
  public int descriptorSizeBytes() {
    return has(Feature.BIT64) ? u16(0xfe) : GroupDescriptor.SIZE_32BIT_BYTES;
  }

  /** Whether a mount option is a default of the volume. */
  public boolean isDefault(int option) {
    return (i32(DEFAULT_OPTIONS) & option) != 0;
  }

  /** Whether the default is to log file contents too (data=journal). */
  public boolean journalsData() {
    return (i32(DEFAULT_OPTIONS) & JOURNAL_MODE_MASK) == JOURNAL_MODE_DATA;
  }

  public long firstMetaBg() {
    return u32(0x104);
  }

  public int minExtraIsize() {
    return u16(0x15c);
  }

  public int wantExtraIsize() {
    return u16(0x15e);
  }

  public int flags() {
    return i32(0x160);
  }

  /** How often a mount renews its claim, with mmp. */
  public int mountProtectionSeconds() {
    return u16(0x166);
  }

  /** The {@link MountProtectionBlock}, with mmp. */
  public long mountProtectionBlockNr() {
    return LittleEndian.i64(memory, base + 0x168);
  }

  /** 1 for crc32c, the only one there is. */
  public int checksumType() {
    return u8(0x175);
  }

  public String mountOptions() {
    return LittleEndian.text(memory, base + 0x200, 64);
  }

  public long userQuotaInodeNr() {
    return u32(0x240);
  }

  public long groupQuotaInodeNr() {
    return u32(0x244);
  }

  /** Clusters that hold metadata, or 0 where nobody has counted them. */
  public long overheadClusters() {
    return u32(0x248);
  }

  /** Group of backup {@code index} (0 or 1) with sparse_super2, 0 for none. */
  public long backupGroup(int index) {
    return u32(0x24c + 4 * index);
  }

  public long projectQuotaInodeNr() {
    return u32(0x26c);
  }

  public int checksumSeed() {
    return i32(0x270);
  }

  /** Character set of case-folded names: 1 for UTF-8 12.1. */
  public int encoding() {
    return u16(0x27c);
  }

  public long orphanFileInodeNr() {
    return u32(0x280);
  }

  /** The stored checksum. */
  public int checksum() {
    return i32(CHECKSUM_OFFSET);
  }

  /** The checksum that the content has. */
  public int computeChecksum() {
    return Crc32c.update(Crc32c.SEED, memory, base, CHECKSUM_OFFSET);
  }

  /** Stores the checksum of the content, if the volume has metadata checksums. */
  public void updateChecksum() {
    if (has(Feature.METADATA_CSUM)) {
      LittleEndian.put32(memory, base + CHECKSUM_OFFSET, computeChecksum());
    }
  }

  private long wide(int offsetLow, int offsetHigh) {
    long low = u32(offsetLow);
    return has(Feature.BIT64) ? low | u32(offsetHigh) << 32 : low;
  }

  private UUID uuid(int offset) {
    return new UUID(
        Long.reverseBytes(LittleEndian.i64(memory, base + offset)),
        Long.reverseBytes(LittleEndian.i64(memory, base + offset + 8)));
  }

  private int u8(int offset) {
    return LittleEndian.u8(memory, base + offset);
  }

  private int u16(int offset) {
    return LittleEndian.u16(memory, base + offset);
  }

  private long u32(int offset) {
    return LittleEndian.u32(memory, base + offset);
  }

  private int i32(int offset) {
    return LittleEndian.i32(memory, base + offset);
  }
}
