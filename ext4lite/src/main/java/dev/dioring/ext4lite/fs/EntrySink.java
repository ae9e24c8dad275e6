package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;
import org.jspecify.annotations.Nullable;

/** Takes the entries of a directory. Runs with the directory locked: it must not wait. */
@FunctionalInterface
public interface EntrySink {
  /**
   * Takes an entry, "." and ".." included.
   *
   * @param kind null where the volume does not note it in directories
   * @param name as it is on disk
   * @param cookie where to go on after this entry
   * @return false if there was no room for it; the listing ends
   */
  boolean entry(long inodeNr, @Nullable FileKind kind, byte[] name, long cookie);
}
