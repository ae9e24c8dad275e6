package dev.dioring.engine.block;

/**
 * Shape of a block device, as {@code statx} and the block ioctls give it. All sizes in bytes.
 *
 * @param sizeBytes capacity
 * @param logicalBlockBytes smallest unit the device addresses
 * @param physicalBlockBytes unit the device writes without read-modify-write
 * @param memoryAlignmentBytes what the address of each memory segment must be a multiple of
 * @param offsetAlignmentBytes what offsets, and the length of each segment, must be multiples of
 * @param maxTransferBytes largest single request; a longer one is refused
 * @param volatileCache whether a completed write may still be lost until a flush
 * @param fua whether a FUA write costs less than a write and a flush
 * @param discard whether DISCARD does anything
 * @param writeZeroes whether WRITE_ZEROES spares the transfer
 * @param readOnly whether modifying requests fail with EROFS
 */
public record Geometry(
    long sizeBytes,
    int logicalBlockBytes,
    int physicalBlockBytes,
    int memoryAlignmentBytes,
    int offsetAlignmentBytes,
    int maxTransferBytes,
    boolean volatileCache,
    boolean fua,
    boolean discard,
    boolean writeZeroes,
    boolean readOnly) {
  /** The same with another capacity. */
  Geometry withSizeBytes(long bytes) {
    return new Geometry(
        bytes,
        logicalBlockBytes,
        physicalBlockBytes,
        memoryAlignmentBytes,
        offsetAlignmentBytes,
        maxTransferBytes,
        volatileCache,
        fua,
        discard,
        writeZeroes,
        readOnly);
  }

  /** The same, but nothing that was written is ever lost. */
  Geometry withoutVolatileCache() {
    return new Geometry(
        sizeBytes,
        logicalBlockBytes,
        physicalBlockBytes,
        memoryAlignmentBytes,
        offsetAlignmentBytes,
        maxTransferBytes,
        false,
        fua,
        discard,
        writeZeroes,
        readOnly);
  }

  /** The same, but for whether it may be written. */
  public Geometry withReadOnly(boolean on) {
    return new Geometry(
        sizeBytes,
        logicalBlockBytes,
        physicalBlockBytes,
        memoryAlignmentBytes,
        offsetAlignmentBytes,
        maxTransferBytes,
        volatileCache,
        fua,
        discard,
        writeZeroes,
        on);
  }
}
