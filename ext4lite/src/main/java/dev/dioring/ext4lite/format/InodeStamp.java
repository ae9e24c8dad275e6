package dev.dioring.ext4lite.format;

/** The timestamps of an inode: where the seconds lie, and where their extension. */
public enum InodeStamp {
  /** Last access. */
  ACCESS(0x08, 0x8c),
  /** Last change of the inode. */
  CHANGE(0x0c, 0x84),
  /** Last change of the content. */
  MODIFICATION(0x10, 0x88),
  /** Creation; exists in large inodes only. */
  CREATION(0x90, 0x94);

  final int secondsOffset;
  final int extraOffset;

  InodeStamp(int secondsOffset, int extraOffset) {
    this.secondsOffset = secondsOffset;
    this.extraOffset = extraOffset;
  }
}
