package dev.dioring.ext4lite.journal;

import dev.dioring.engine.block.BlockDevice;

/**
 * What became of a volume's journal.
 *
 * @param device the device to use the volume through from now on; it closes the one that was given
 * @param transactions replayed ones
 * @param blocks replayed ones, each counted once
 * @param inMemory whether nothing was written and the device shows the blocks nevertheless
 * @param readOnlyReason why the volume must not be written, or an empty string
 */
public record Recovered(
    BlockDevice device, int transactions, int blocks, boolean inMemory, String readOnlyReason) {
  /** There was nothing to do. */
  public static Recovered nothing(BlockDevice device) {
    return new Recovered(device, 0, 0, false, "");
  }
}
