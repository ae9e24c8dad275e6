package dev.dioring.engine.dio;

/**
 * The filesystem's answer for the start of a range: one run of the file and where it lies. A
 * mutable object, reused for every question, filled by {@link BlockMapper#map}.
 */
public final class BlockMapping {
  /** How the run is stored. */
  public enum State {
    /** No blocks: reads give zeroes; a write may not meet it. */
    HOLE,
    /** Blocks with valid data. */
    MAPPED,
    /** Allocated blocks whose content must never be read; a write is converted afterwards. */
    UNWRITTEN,
    /**
     * Blocks allocated for this very write, without valid data around it. If they could be read
     * before the write has ended, or after it has failed, answer UNWRITTEN instead.
     */
    NEW
  }

  /** The completion has work that may block: run it on the mount's executor. */
  public static final int DEFER_COMPLETION = 1;

  /**
   * The file's metadata is dirty in a way that a data-integrity sync must write out, so that FUA on
   * the data alone does not make the write durable.
   */
  public static final int DIRTY_METADATA = 1 << 1;

  private State state = State.HOLE;
  private long fileByteOffset;
  private long lengthBytes;
  private long deviceByteOffset;
  private int flags;

  /**
   * Sets the run.
   *
   * @param fileByteOffset start of the run in the file, at or before the asked offset
   * @param lengthBytes length from {@code fileByteOffset}; must reach past the asked offset
   * @param deviceByteOffset where the run starts on the device; ignored for a hole
   */
  public void set(
      State state, long fileByteOffset, long lengthBytes, long deviceByteOffset, int flags) {
    this.state = state;
    this.fileByteOffset = fileByteOffset;
    this.lengthBytes = lengthBytes;
    this.deviceByteOffset = deviceByteOffset;
    this.flags = flags;
  }

  public State state() {
    return state;
  }

  public long fileByteOffset() {
    return fileByteOffset;
  }

  public long lengthBytes() {
    return lengthBytes;
  }

  public long endByteOffset() {
    return fileByteOffset + lengthBytes;
  }

  public long deviceByteOffset() {
    return deviceByteOffset;
  }

  public int flags() {
    return flags;
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  @Override
  public String toString() {
    return state + " file [" + fileByteOffset + ", " + endByteOffset() + ") at " + deviceByteOffset;
  }
}
