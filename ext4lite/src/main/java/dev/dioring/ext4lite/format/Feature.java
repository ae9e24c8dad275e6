package dev.dioring.ext4lite.format;

/** A feature flag of the superblock, with the name that mkfs, tune2fs and dumpe2fs use. */
public enum Feature {
  DIR_PREALLOC(Kind.COMPAT, 0x1, "dir_prealloc"),
  IMAGIC_INODES(Kind.COMPAT, 0x2, "imagic_inodes"),
  HAS_JOURNAL(Kind.COMPAT, 0x4, "has_journal"),
  EXT_ATTR(Kind.COMPAT, 0x8, "ext_attr"),
  RESIZE_INODE(Kind.COMPAT, 0x10, "resize_inode"),
  DIR_INDEX(Kind.COMPAT, 0x20, "dir_index"),
  LAZY_BG(Kind.COMPAT, 0x40, "lazy_bg"),
  EXCLUDE_BITMAP(Kind.COMPAT, 0x100, "snapshot_bitmap"),
  SPARSE_SUPER2(Kind.COMPAT, 0x200, "sparse_super2"),
  FAST_COMMIT(Kind.COMPAT, 0x400, "fast_commit"),
  STABLE_INODES(Kind.COMPAT, 0x800, "stable_inodes"),
  ORPHAN_FILE(Kind.COMPAT, 0x1000, "orphan_file"),

  COMPRESSION(Kind.INCOMPAT, 0x1, "compression"),
  FILETYPE(Kind.INCOMPAT, 0x2, "filetype"),
  RECOVER(Kind.INCOMPAT, 0x4, "needs_recovery"),
  JOURNAL_DEV(Kind.INCOMPAT, 0x8, "journal_dev"),
  META_BG(Kind.INCOMPAT, 0x10, "meta_bg"),
  EXTENTS(Kind.INCOMPAT, 0x40, "extent"),
  BIT64(Kind.INCOMPAT, 0x80, "64bit"),
  MMP(Kind.INCOMPAT, 0x100, "mmp"),
  FLEX_BG(Kind.INCOMPAT, 0x200, "flex_bg"),
  EA_INODE(Kind.INCOMPAT, 0x400, "ea_inode"),
  DIRDATA(Kind.INCOMPAT, 0x1000, "dirdata"),
  CSUM_SEED(Kind.INCOMPAT, 0x2000, "metadata_csum_seed"),
  LARGEDIR(Kind.INCOMPAT, 0x4000, "large_dir"),
  INLINE_DATA(Kind.INCOMPAT, 0x8000, "inline_data"),
  ENCRYPT(Kind.INCOMPAT, 0x1_0000, "encrypt"),
  CASEFOLD(Kind.INCOMPAT, 0x2_0000, "casefold"),

  SPARSE_SUPER(Kind.RO_COMPAT, 0x1, "sparse_super"),
  LARGE_FILE(Kind.RO_COMPAT, 0x2, "large_file"),
  BTREE_DIR(Kind.RO_COMPAT, 0x4, "btree_dir"),
  HUGE_FILE(Kind.RO_COMPAT, 0x8, "huge_file"),
  GDT_CSUM(Kind.RO_COMPAT, 0x10, "uninit_bg"),
  DIR_NLINK(Kind.RO_COMPAT, 0x20, "dir_nlink"),
  EXTRA_ISIZE(Kind.RO_COMPAT, 0x40, "extra_isize"),
  HAS_SNAPSHOT(Kind.RO_COMPAT, 0x80, "snapshot"),
  QUOTA(Kind.RO_COMPAT, 0x100, "quota"),
  BIGALLOC(Kind.RO_COMPAT, 0x200, "bigalloc"),
  METADATA_CSUM(Kind.RO_COMPAT, 0x400, "metadata_csum"),
  REPLICA(Kind.RO_COMPAT, 0x800, "replica"),
  READONLY(Kind.RO_COMPAT, 0x1000, "read-only"),
  PROJECT(Kind.RO_COMPAT, 0x2000, "project"),
  SHARED_BLOCKS(Kind.RO_COMPAT, 0x4000, "shared_blocks"),
  VERITY(Kind.RO_COMPAT, 0x8000, "verity"),
  ORPHAN_PRESENT(Kind.RO_COMPAT, 0x1_0000, "orphan_present");

  /** What a feature that an implementation does not know forbids it. */
  public enum Kind {
    /** Nothing: it may read and write. */
    COMPAT('C'),
    /** Everything. */
    INCOMPAT('I'),
    /** Writing. */
    RO_COMPAT('R');

    final char letter;

    Kind(char letter) {
      this.letter = letter;
    }
  }

  private final Kind kind;
  private final int mask;
  private final String diskName;

  Feature(Kind kind, int mask, String diskName) {
    this.kind = kind;
    this.mask = mask;
    this.diskName = diskName;
  }

  public Kind kind() {
    return kind;
  }

  /** The bit within the word of its kind. */
  public int mask() {
    return mask;
  }

  /** The name in e2fsprogs. */
  public String diskName() {
    return diskName;
  }
}
