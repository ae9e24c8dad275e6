package dev.dioring.engine.dio;

/**
 * The last run of a request that was mapped but not yet submitted, as the next mapping may continue
 * it on the device. Belongs to the submitting thread.
 */
final class PendingRun {
  private long deviceByteOffset;
  private long memoryByteOffset;
  private long lengthBytes;
  private boolean fua;

  void clear() {
    lengthBytes = 0;
  }

  boolean isEmpty() {
    return lengthBytes == 0;
  }

  long deviceByteOffset() {
    return deviceByteOffset;
  }

  long memoryByteOffset() {
    return memoryByteOffset;
  }

  long lengthBytes() {
    return lengthBytes;
  }

  boolean fua() {
    return fua;
  }

  void set(long deviceByteOffset, long memoryByteOffset, long lengthBytes, boolean fua) {
    this.deviceByteOffset = deviceByteOffset;
    this.memoryByteOffset = memoryByteOffset;
    this.lengthBytes = lengthBytes;
    this.fua = fua;
  }

  /** Takes a run in that continues this one in memory and on the device. @return whether it did */
  boolean extend(long deviceByteOffset, long memoryByteOffset, long lengthBytes, boolean fua) {
    if (this.lengthBytes == 0
        || this.fua != fua
        || this.deviceByteOffset + this.lengthBytes != deviceByteOffset
        || this.memoryByteOffset + this.lengthBytes != memoryByteOffset) {
      return false;
    }
    this.lengthBytes += lengthBytes;
    return true;
  }
}
