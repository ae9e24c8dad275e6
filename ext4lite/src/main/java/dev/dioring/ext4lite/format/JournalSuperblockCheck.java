package dev.dioring.ext4lite.format;

/** The rules a journal's superblock keeps, so that its log can be walked. */
public final class JournalSuperblockCheck {
  private static final String PLACE = "journal superblock";

  private final JournalSuperblock superblock;

  private JournalSuperblockCheck(JournalSuperblock superblock) {
    this.superblock = superblock;
  }

  /** Checks that there is one and that it is as it was written, before its features count. */
  public static void checkIdentity(JournalSuperblock superblock) throws CorruptStructureException {
    new JournalSuperblockCheck(superblock).checkIdentity();
  }

  /**
   * Checks what it says of the log; its features must be known.
   *
   * @param blockSizeBytes the filesystem's block size
   * @param roomBlocks length of the file or device that the journal lies in
   */
  public static void checkLayout(JournalSuperblock superblock, int blockSizeBytes, long roomBlocks)
      throws CorruptStructureException {
    new JournalSuperblockCheck(superblock).checkLayout(blockSizeBytes, roomBlocks);
  }

  private void checkIdentity() throws CorruptStructureException {
    if (!superblock.isPresent()) {
      throw new CorruptStructureException(
          PLACE, "magic and type", "0xc03b3998 and 3 or 4", "something else");
    }
    JournalFeatures features = superblock.features();
    if (features.blocksChecksummed()) {
      int type = superblock.checksumType();
      require(
          type == JournalSuperblock.CHECKSUM_TYPE_CRC32C, "s_checksum_type", "4 (crc32c)", type);
      int computed = superblock.computeChecksum();
      if (computed != superblock.checksum()) {
        throw CorruptStructureException.checksum(PLACE, computed, superblock.checksum());
      }
    }
    int versions =
        (features.checksumV1() ? 1 : 0)
            + (features.checksumV2() ? 1 : 0)
            + (features.checksumV3() ? 1 : 0);
    require(versions <= 1, "versions of checksums", "1 at most", versions);
  }

  private void checkLayout(int blockSizeBytes, long roomBlocks) throws CorruptStructureException {
    require(
        superblock.blockSizeBytes() == blockSizeBytes,
        "s_blocksize",
        Integer.toString(blockSizeBytes),
        superblock.blockSizeBytes());
    long length = superblock.lengthBlocks();
    require(
        length >= JournalSuperblock.LENGTH_BLOCKS_MIN && length <= roomBlocks,
        "s_maxlen",
        JournalSuperblock.LENGTH_BLOCKS_MIN + ".." + roomBlocks,
        length);
    long end = superblock.endBlock();
    long first = superblock.firstBlock();
    require(first >= 1 && first < end, "s_first", "1.." + (end - 1), first);
    long start = superblock.startBlock();
    require(
        start == 0 || (start >= first && start < end),
        "s_start",
        "0 or " + first + ".." + (end - 1),
        start);
  }

  private static void require(boolean holds, String predicate, String expected, long found)
      throws CorruptStructureException {
    if (!holds) {
      throw new CorruptStructureException(PLACE, predicate, expected, Long.toString(found));
    }
  }
}
