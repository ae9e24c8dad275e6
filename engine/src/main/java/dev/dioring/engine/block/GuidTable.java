package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.PartitionTable.Partition;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A GUID partition table: a header in the second sector and another in the last one, each with an
 * array of entries.
 *
 * <pre>
 * header  00 "EFI PART"  08 revision  0c header bytes  10 crc of the header  18 own sector
 *         48 sector of the entries  50 entries  54 bytes of each  58 crc of all entries
 * entry   00 type (zero: unused)  20 first sector  28 last sector
 * </pre>
 */
final class GuidTable {
  private static final ValueLayout.OfInt INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long MAGIC = 0x5452_4150_2049_4645L;
  private static final int[] SECTOR_BYTES = {512, 4096};
  private static final int HEADER_BYTES_MIN = 92;
  private static final int HEADER_CRC = 0x10;
  private static final int ENTRY_BYTES_MIN = 128;
  private static final int ENTRY_BYTES_MAX = 4096;
  private static final int ENTRIES_MAX = 4096;

  private final BlockIo disk;
  private final Arena arena;
  private final int sectorBytes;

  private GuidTable(BlockIo disk, Arena arena, int sectorBytes) {
    this.disk = disk;
    this.arena = arena;
    this.sectorBytes = sectorBytes;
  }

  /** The partitions, or null if the disk has no such table. */
  static @Nullable List<Partition> read(BlockIo disk) throws BlockIoException {
    try (Arena arena = Arena.ofShared()) {
      for (int sectorBytes : SECTOR_BYTES) {
        GuidTable table = new GuidTable(disk, arena, sectorBytes);
        long last = disk.device().geometry().sizeBytes() / sectorBytes - 1;
        MemorySegment first = table.header(1);
        if (first == null) {
          continue;
        }
        List<Partition> found = table.partitions(first, 1);
        MemorySegment backup = found == null ? table.header(last) : null;
        if (backup != null) {
          found = table.partitions(backup, last);
        }
        if (found == null) {
          throw PartitionTable.failure(
              disk, Errno.EUCLEAN, "both headers of its GPT are damaged; gdisk may repair it");
        }
        return found;
      }
    }
    return null;
  }

  private @Nullable MemorySegment header(long sector) throws BlockIoException {
    MemorySegment header = PartitionTable.pages(disk, arena, sector * sectorBytes, sectorBytes);
    return header != null && header.get(LONG, 0) == MAGIC ? header : null;
  }

  /** The partitions of a header, or null if it or what it leads to is damaged. */
  private @Nullable List<Partition> partitions(MemorySegment header, long sector)
      throws BlockIoException {
    int headerBytes = header.get(INT, 0x0c);
    int entries = header.get(INT, 0x50);
    int entryBytes = header.get(INT, 0x54);
    boolean sane =
        headerBytes >= HEADER_BYTES_MIN
            && headerBytes <= sectorBytes
            && header.get(LONG, 0x18) == sector
            && entries > 0
            && entries <= ENTRIES_MAX
            && entryBytes >= ENTRY_BYTES_MIN
            && entryBytes <= ENTRY_BYTES_MAX;
    if (!sane) {
      return null;
    }
    int stored = header.get(INT, HEADER_CRC);
    header.set(INT, HEADER_CRC, 0);
    long array = header.get(LONG, 0x48);
    if (stored != crc(header, headerBytes) || array < 0 || array > Long.MAX_VALUE / sectorBytes) {
      return null;
    }
    MemorySegment all =
        PartitionTable.pages(disk, arena, array * sectorBytes, (long) entries * entryBytes);
    if (all == null || crc(all, all.byteSize()) != header.get(INT, 0x58)) {
      return null;
    }
    List<Partition> found = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      add(found, i + 1, all.asSlice((long) i * entryBytes, entryBytes));
    }
    return found;
  }

  /** Adds an entry that is used, if it lies on the disk. */
  private void add(List<Partition> found, int number, MemorySegment entry) {
    long first = entry.get(LONG, 0x20);
    long last = entry.get(LONG, 0x28);
    long sectors = disk.device().geometry().sizeBytes() / sectorBytes;
    boolean used = (entry.get(LONG, 0) | entry.get(LONG, 8)) != 0;
    if (used && first > 0 && first <= last && last < sectors) {
      found.add(new Partition(number, first * sectorBytes, (last - first + 1) * sectorBytes));
    }
  }

  private static int crc(MemorySegment memory, long lengthBytes) {
    CRC32 crc = new CRC32();
    crc.update(memory.asSlice(0, lengthBytes).asByteBuffer());
    return (int) crc.getValue();
  }
}
