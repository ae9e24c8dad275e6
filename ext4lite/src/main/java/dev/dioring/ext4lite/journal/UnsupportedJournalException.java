package dev.dioring.ext4lite.journal;

import java.io.IOException;

/** A journal that is in order but cannot be used, for the reason in the message. */
public final class UnsupportedJournalException extends IOException {
  private static final long serialVersionUID = 1L;

  public UnsupportedJournalException(String reason) {
    super(reason);
  }
}
