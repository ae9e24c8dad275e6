package dev.dioring.ext4lite.buffer;

import java.io.IOException;

/** Checks a block once, when it has been read: its checksum and its structure. */
@FunctionalInterface
public interface BlockVerifier {
  /** Accepts any content: for blocks without a structure of their own. */
  BlockVerifier NONE = buffer -> {};

  /**
   * Checks the block.
   *
   * @throws IOException naming the block and the failed predicate
   */
  void verify(MetadataBuffer buffer) throws IOException;
}
