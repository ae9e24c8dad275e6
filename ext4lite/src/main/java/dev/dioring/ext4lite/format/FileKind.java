package dev.dioring.ext4lite.format;

import org.jspecify.annotations.Nullable;

/** The kinds of file, with their codes in an inode's mode and in a directory entry. */
public enum FileKind {
  REGULAR(0x8000, 1, '-'),
  DIRECTORY(0x4000, 2, 'd'),
  CHARACTER_DEVICE(0x2000, 3, 'c'),
  BLOCK_DEVICE(0x6000, 4, 'b'),
  FIFO(0x1000, 5, 'p'),
  SOCKET(0xc000, 6, 's'),
  SYMLINK(0xa000, 7, 'l');

  /** The bits of a mode that hold the kind. */
  public static final int MODE_MASK = 0xf000;

  private static final @Nullable FileKind[] BY_MODE = new @Nullable FileKind[16];
  private static final @Nullable FileKind[] BY_ENTRY_CODE = new @Nullable FileKind[8];

  static {
    for (FileKind kind : values()) {
      BY_MODE[kind.modeBits >>> 12] = kind;
      BY_ENTRY_CODE[kind.entryCode] = kind;
    }
  }

  private final int modeBits;
  private final int entryCode;
  private final char letter;

  FileKind(int modeBits, int entryCode, char letter) {
    this.modeBits = modeBits;
    this.entryCode = entryCode;
    this.letter = letter;
  }

  /** The kind a mode says, or null if it says none. */
  public static @Nullable FileKind ofMode(int mode) {
    return BY_MODE[(mode & MODE_MASK) >>> 12];
  }

  /** The kind a directory entry says, or null if it says none. */
  public static @Nullable FileKind ofEntryCode(int code) {
    return code < BY_ENTRY_CODE.length ? BY_ENTRY_CODE[code] : null;
  }

  public int modeBits() {
    return modeBits;
  }

  public int entryCode() {
    return entryCode;
  }

  /** The letter that ls -l shows. */
  public char letter() {
    return letter;
  }
}
