package dev.dioring.ext4lite.format;

/**
 * Where a directory block lies, for messages.
 *
 * @param inodeNr the directory
 * @param fileBlockNr the block within it
 * @param blockNr the block on the volume, or 0 within the inode
 */
public record DirectoryPlace(long inodeNr, long fileBlockNr, long blockNr) {
  void require(boolean holds, String predicate, String expected, long found)
      throws CorruptStructureException {
    if (!holds) {
      throw broken(predicate, expected, found);
    }
  }

  /**
   * The error itself, for rules of single entries: those are many, and their names are not free.
   */
  CorruptStructureException broken(String predicate, String expected, long found) {
    return new CorruptStructureException(toString(), predicate, expected, Long.toString(found));
  }

  @Override
  public String toString() {
    return blockNr == 0
        ? "directory in inode " + inodeNr
        : "directory " + inodeNr + ", its block " + fileBlockNr + " in block " + blockNr;
  }
}
