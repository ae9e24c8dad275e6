package dev.dioring.ext4lite.buffer;

import java.lang.foreign.MemorySegment;

/** Computes a block's own checksum in the copy that is about to be written. */
@FunctionalInterface
public interface ChecksumUpdate {
  /** For blocks without a checksum of their own, or with one kept up by their writer. */
  ChecksumUpdate NONE = (block, blockNr) -> {};

  void update(MemorySegment block, long blockNr);
}
