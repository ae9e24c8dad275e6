package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.Ext4Inode;

/** Kind and permissions as ls prints them, such as "-rwsr-xr-x". */
final class ModeString {
  private static final int SET_UID = 04000;
  private static final int SET_GID = 02000;
  private static final int STICKY = 01000;

  private ModeString() {}

  static String of(Ext4Inode inode) {
    int mode = inode.mode();
    char[] text = new char[10];
    text[0] = inode.kind().letter();
    for (int i = 0; i < 9; i++) {
      boolean set = (mode & (0400 >> i)) != 0;
      text[i + 1] = set ? "rwx".charAt(i % 3) : '-';
    }
    special(text, 3, (mode & SET_UID) != 0, 's');
    special(text, 6, (mode & SET_GID) != 0, 's');
    special(text, 9, (mode & STICKY) != 0, 't');
    return new String(text);
  }

  private static void special(char[] text, int at, boolean set, char letter) {
    if (set) {
      text[at] = text[at] == 'x' ? letter : Character.toUpperCase(letter);
    }
  }
}
