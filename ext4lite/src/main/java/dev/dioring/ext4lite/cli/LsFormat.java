package dev.dioring.ext4lite.cli;

import java.io.IOException;

/** How a listing is printed. */
interface LsFormat {
  /** A directory comes next, one of several. */
  void heading(String path);

  /** One entry of a directory, or the file that was asked for. */
  void entry(String directory, byte[] name, long inodeNr) throws IOException;

  /** An entry whose inode cannot be read. */
  void unreadable(String directory, byte[] name, long inodeNr, String why);

  /** All is listed. */
  default void end() {}
}
