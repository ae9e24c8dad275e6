package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.fs.Ext4File;

/** An open file of the kernel's. */
final class OpenFile {
  private static final long NEVER = -1;

  private final Ext4File file;
  private final boolean direct;

  /** The epoch of {@link Privileges} in which it was seen to have none; any thread's. */
  private volatile long plainSince = NEVER;

  /**
   * Takes over an open file.
   *
   * @param direct whether it was opened with O_DIRECT, so that nobody else makes its writes durable
   */
  OpenFile(Ext4File file, boolean direct) {
    this.file = file;
    this.direct = direct;
  }

  Ext4File file() {
    return file;
  }

  boolean direct() {
    return direct;
  }

  boolean isPlainSince(long epoch) {
    return plainSince == epoch;
  }

  void plainSince(long epoch) {
    plainSince = epoch;
  }
}
