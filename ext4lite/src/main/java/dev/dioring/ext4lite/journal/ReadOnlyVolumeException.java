package dev.dioring.ext4lite.journal;

import java.io.IOException;

/** A change was asked of a volume that is read-only, for the reason in the message. */
public sealed class ReadOnlyVolumeException extends IOException permits VolumeShutDownException {
  private static final long serialVersionUID = 1L;

  public ReadOnlyVolumeException(String reason) {
    super(reason);
  }

  /** What whoever comes later is told of the failure that has turned a volume read-only. */
  static ReadOnlyVolumeException after(String volume, IOException failure) {
    return failure instanceof VolumeShutDownException
        ? new VolumeShutDownException(volume)
        : new ReadOnlyVolumeException(
            volume + " is read-only after an error: " + failure.getMessage());
  }
}
