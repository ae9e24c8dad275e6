package dev.dioring.ext4lite.fs;

/** When a read is noted as an inode's time of access. */
public enum AccessTimes {
  NEVER,
  /** When the file was changed since the last one, or that one is a day old. */
  RELATIVE,
  ALWAYS
}
