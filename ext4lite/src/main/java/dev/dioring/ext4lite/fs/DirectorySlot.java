package dev.dioring.ext4lite.fs;

/**
 * Where the entry of a name is, while the directory's names are locked.
 *
 * @param fileBlockNr block of the directory
 * @param entry where it starts in the block
 * @param inodeNr what it names
 */
record DirectorySlot(long fileBlockNr, int entry, long inodeNr) {}
