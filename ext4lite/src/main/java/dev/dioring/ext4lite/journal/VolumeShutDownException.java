package dev.dioring.ext4lite.journal;

/** A volume was shut down, as somebody has asked for: nothing is wrong with it. */
public final class VolumeShutDownException extends ReadOnlyVolumeException {
  private static final long serialVersionUID = 1L;

  public VolumeShutDownException(String volume) {
    super(volume + " was shut down");
  }
}
