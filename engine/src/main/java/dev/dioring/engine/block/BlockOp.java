package dev.dioring.engine.block;

/** What a {@link BlockRequest} asks of its device. */
public enum BlockOp {
  /** Reads {@code lengthBytes} at {@code byteOffset} into the request's memory. */
  READ,
  /**
   * Writes the request's memory at {@code byteOffset}; with FUA it is durable when it completes.
   */
  WRITE,
  /** Makes every write that completed before the flush was submitted durable. */
  FLUSH,
  /** Tells the device that a range is no longer needed; its content is undefined afterwards. */
  DISCARD,
  /** Makes a range read as zeroes, without a transfer where the device can do it. */
  WRITE_ZEROES;

  /** Whether the operation carries memory to or from the device. */
  public boolean transfersData() {
    return this == READ || this == WRITE;
  }

  /** Whether the operation changes the medium, so that a read-only device refuses it. */
  public boolean modifies() {
    return this == WRITE || this == DISCARD || this == WRITE_ZEROES;
  }
}
