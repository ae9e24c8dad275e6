package dev.dioring.ext4lite.format;

/** The rules an inode in use keeps, so that what it points at can be followed. */
public final class InodeCheck {
  private static final int BLOCK_WORDS = 15;

  private final Inode inode;
  private final long inodeNr;

  private InodeCheck(Inode inode, long inodeNr) {
    this.inode = inode;
    this.inodeNr = inodeNr;
  }

  /** Checks an inode in use, its checksum included. */
  public static void check(
      Inode inode,
      long inodeNr,
      DataBlocks dataBlocks,
      Features features,
      MetadataChecksums checksums)
      throws CorruptStructureException {
    InodeCheck check = new InodeCheck(inode, inodeNr);
    check.checkExtra();
    check.checkChecksum(checksums);
    check.checkKind();
    check.checkLinks();
    check.checkFlags(features);
    check.checkSize(features, dataBlocks);
    check.checkPointers(dataBlocks);
  }

  /** Checks an inode that may have lost its last name, and its size, before a crash. */
  public static void checkOrphan(
      Inode inode,
      long inodeNr,
      DataBlocks dataBlocks,
      Features features,
      MetadataChecksums checksums)
      throws CorruptStructureException {
    InodeCheck check = new InodeCheck(inode, inodeNr);
    check.checkExtra();
    check.checkChecksum(checksums);
    check.checkKind();
    check.checkFlags(features);
    check.checkPointers(dataBlocks);
  }

  /** Whether i_block holds a symlink's target itself. */
  public static boolean isFastSymlink(Inode inode) {
    return inode.kind() == FileKind.SYMLINK
        && inode.sizeLow() < Inode.BLOCK_BYTES
        && !inode.has(Inode.FLAG_INLINE_DATA)
        && !inode.has(Inode.FLAG_EXTENTS);
  }

  private void checkExtra() throws CorruptStructureException {
    int extra = inode.extraBytes();
    int room = inode.recordBytes() - Inode.BASE_BYTES;
    if (extra > room || extra % Integer.BYTES != 0) {
      throw broken("i_extra_isize", "a multiple of 4 in 0.." + room, extra);
    }
  }

  private void checkChecksum(MetadataChecksums checksums) throws CorruptStructureException {
    if (!checksums.enabled()) {
      return;
    }
    int computed = inode.computeChecksum(checksums.inodeSeed(inodeNr, inode.generation()));
    if (computed != inode.checksum()) {
      throw CorruptStructureException.checksum(place(), computed, inode.checksum());
    }
  }

  private void checkKind() throws CorruptStructureException {
    if (inode.kind() == null) {
      String expected = inode.linksCount() == 0 ? "an inode in use" : "a kind of file";
      throw new CorruptStructureException(
          place(), "i_mode", expected, CorruptStructureException.hex(inode.mode()));
    }
  }

  private void checkLinks() throws CorruptStructureException {
    require(inode.linksCount() > 0, "i_links_count", "> 0", inode.linksCount());
  }

  private void checkFlags(Features features) throws CorruptStructureException {
    boolean inline = inode.has(Inode.FLAG_INLINE_DATA);
    requireFlag(!inline || features.has(Feature.INLINE_DATA), "INLINE_DATA only with inline_data");
    requireFlag(!inline || !inode.has(Inode.FLAG_EXTENTS), "INLINE_DATA without EXTENTS");
    requireFlag(
        !inode.has(Inode.FLAG_EXTENTS) || features.has(Feature.EXTENTS),
        "EXTENTS only with extent");
    requireFlag(
        !inode.has(Inode.FLAG_CASEFOLD) || features.has(Feature.CASEFOLD),
        "CASEFOLD only with casefold");
  }

  private void checkSize(Features features, DataBlocks dataBlocks)
      throws CorruptStructureException {
    if (inode.kind() == FileKind.REGULAR || features.has(Feature.LARGEDIR)) {
      require(inode.size() >= 0, "i_size", ">= 0", inode.size());
    }
    if (inode.kind() == FileKind.SYMLINK) {
      int blockSize = dataBlocks.groups().blockSizeBytes();
      require(
          inode.sizeLow() > 0 && inode.sizeLow() <= blockSize,
          "i_size of a symlink",
          "1.." + blockSize,
          inode.sizeLow());
    }
  }

  private void checkPointers(DataBlocks dataBlocks) throws CorruptStructureException {
    long attributes = inode.attributeBlockNr();
    if (attributes != 0 && !dataBlocks.contains(attributes, 1, inodeNr)) {
      throw broken("i_file_acl", "0 or " + dataBlocks.rule(), attributes);
    }
    FileKind kind = inode.kind();
    boolean blocks =
        kind == FileKind.REGULAR || kind == FileKind.DIRECTORY || kind == FileKind.SYMLINK;
    if (!blocks || inode.has(Inode.FLAG_INLINE_DATA) || isFastSymlink(inode)) {
      return;
    }
    if (inode.has(Inode.FLAG_EXTENTS)) {
      ExtentNodeCheck.checkRoot(inode, dataBlocks, inodeNr);
      return;
    }
    for (int i = 0; i < BLOCK_WORDS; i++) {
      long block = inode.blockWord(i);
      if (block != 0 && !dataBlocks.contains(block, 1, inodeNr)) {
        throw broken("i_block[" + i + "]", "0 or " + dataBlocks.rule(), block);
      }
    }
  }

  private String place() {
    return "inode " + inodeNr;
  }

  private void requireFlag(boolean holds, String rule) throws CorruptStructureException {
    if (!holds) {
      throw new CorruptStructureException(
          place(), "i_flags", rule, CorruptStructureException.hex(inode.flags()));
    }
  }

  private void require(boolean holds, String predicate, String expected, long found)
      throws CorruptStructureException {
    if (!holds) {
      throw broken(predicate, expected, found);
    }
  }

  private CorruptStructureException broken(String predicate, String expected, long found) {
    return new CorruptStructureException(place(), predicate, expected, Long.toString(found));
  }
}
