package dev.dioring.engine.block;

/**
 * What of a device is registered with its ring, so that the kernel looks it up and pins it once.
 */
public enum Registration {
  ALL(true, true),
  FILE(true, false),
  BUFFERS(false, true),
  NONE(false, false);

  final boolean file;
  final boolean buffers;

  Registration(boolean file, boolean buffers) {
    this.file = file;
    this.buffers = buffers;
  }

  /** The constant for two wishes. */
  public static Registration of(boolean file, boolean buffers) {
    if (file) {
      return buffers ? ALL : FILE;
    }
    return buffers ? BUFFERS : NONE;
  }
}
