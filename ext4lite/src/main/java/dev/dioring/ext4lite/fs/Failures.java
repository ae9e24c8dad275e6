package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.journal.LargeChangeException;
import dev.dioring.ext4lite.journal.ReadOnlyVolumeException;
import dev.dioring.ext4lite.journal.UnsupportedJournalException;
import dev.dioring.ext4lite.journal.VolumeShutDownException;
import java.io.IOException;

/** The errno that stands for a failure on the data path. */
final class Failures {
  private Failures() {}

  static int errno(IOException failure) {
    return switch (failure) {
      case BlockIoException e -> e.errno();
      case NoSpaceException _ignored -> Errno.ENOSPC;
      case LargeChangeException _ignored -> Errno.ENOSPC;
      case CorruptStructureException _ignored -> Errno.EUCLEAN;
      case VolumeShutDownException _ignored -> Errno.EIO;
      case ReadOnlyVolumeException _ignored -> Errno.EROFS;
      case UnsupportedJournalException _ignored -> Errno.EOPNOTSUPP;
      default -> Errno.EIO;
    };
  }

  /** The exception for users of a failure: what was done, on what, and why it failed. */
  static Ext4Exception explain(String what, IOException failure) {
    if (failure instanceof Ext4Exception known) {
      return known;
    }
    Ext4Exception explained =
        new Ext4Exception(what, errno(failure), String.valueOf(failure.getMessage()));
    explained.initCause(failure);
    return explained;
  }
}
