package dev.dioring.ext4lite.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The block of multiple-mount protection (mmp): who has the volume open for writing, and a number
 * that keeps changing while they have. Its times are seconds.
 *
 * <pre>
 * 000 magic 004d4d50      sequence   time[8]
 * 010 node name[64]       050 device name[32]
 * 070 check interval[2]   ...        3fc checksum
 * </pre>
 */
public final class MountProtectionBlock {
  public static final int MAGIC = 0x004d_4d50;

  /** {@link #sequence()}: nobody has it open. */
  public static final long CLEAN = 0xff4d_4d50L;

  /** {@link #sequence()}: e2fsck works on it. */
  public static final long CHECKING = 0xe24d_4d50L;

  /** The greatest {@link #sequence()} of a mount; the least is 1. */
  public static final long SEQUENCE_MAX = 0xe24d_4d4fL;

  private static final int SEQUENCE = 0x04;
  private static final int TIME = 0x08;
  private static final int NODE = 0x10;
  private static final int NODE_BYTES = 64;
  private static final int DEVICE = 0x50;
  private static final int DEVICE_BYTES = 32;
  private static final int CHECK_INTERVAL = 0x70;
  private static final int CHECKSUM = 0x3fc;

  private final MetadataChecksums checksums;
  private final MemorySegment memory;

  /** Views a block's memory. */
  public MountProtectionBlock(MetadataChecksums checksums, MemorySegment memory) {
    this.checksums = checksums;
    this.memory = memory;
  }

  public long sequence() {
    return LittleEndian.u32(memory, SEQUENCE);
  }

  public void sequence(long sequence) {
    LittleEndian.put32(memory, SEQUENCE, sequence);
  }

  public void time(long seconds) {
    LittleEndian.put64(memory, TIME, seconds);
  }

  /** The name of the host that wrote it last. */
  public String node() {
    return LittleEndian.text(memory, NODE, NODE_BYTES);
  }

  public void node(String name) {
    text(NODE, NODE_BYTES, name);
  }

  /** What that host calls the volume's device. */
  public String device() {
    return LittleEndian.text(memory, DEVICE, DEVICE_BYTES);
  }

  public void device(String name) {
    text(DEVICE, DEVICE_BYTES, name);
  }

  /** Seconds after which a sequence that has not changed means that its writer is gone. */
  public int checkInterval() {
    return LittleEndian.u16(memory, CHECK_INTERVAL);
  }

  public void checkInterval(int seconds) {
    LittleEndian.put16(memory, CHECK_INTERVAL, seconds);
  }

  /** Stores the checksum of the content, if the volume has metadata checksums. */
  public void updateChecksum() {
    if (checksums.enabled()) {
      LittleEndian.put32(memory, CHECKSUM, computeChecksum());
    }
  }

  /** Checks that this is such a block. */
  public void check(long blockNr) throws CorruptStructureException {
    String place = "multiple-mount protection in block " + blockNr;
    int magic = LittleEndian.i32(memory, 0);
    if (magic != MAGIC) {
      throw new CorruptStructureException(
          place,
          "mmp_magic",
          CorruptStructureException.hex(MAGIC),
          CorruptStructureException.hex(magic));
    }
    int stored = LittleEndian.i32(memory, CHECKSUM);
    if (checksums.enabled() && computeChecksum() != stored) {
      throw CorruptStructureException.checksum(place, computeChecksum(), stored);
    }
  }

  private int computeChecksum() {
    return Crc32c.update(checksums.seed(), memory, 0, CHECKSUM);
  }

  private void text(int offset, int fieldBytes, String text) {
    byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), fieldBytes);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, fieldBytes);
  }
}
