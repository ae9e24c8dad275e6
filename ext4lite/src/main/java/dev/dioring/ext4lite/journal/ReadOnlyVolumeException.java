package dev.dioring.ext4lite.journal;

import java.io.IOException;

/** A change was asked of a volume that is read-only, for the reason in the message. */
public final class ReadOnlyVolumeException extends IOException {
  private static final long serialVersionUID = 1L;

  public ReadOnlyVolumeException(String reason) {
    super(reason);
  }
}
