package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.dioring.engine.block.PartitionTable.Partition;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of a master boot record: four partitions, of which one may be extended. That one holds
 * a chain of records, each with one logical partition, from number 5 on, and a link to the next.
 */
final class BootRecord {
  private static final ValueLayout.OfInt INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int SECTOR_BYTES = 512;
  private static final int SIGNATURE_AT = 510;
  private static final short SIGNATURE = (short) 0xaa55;
  private static final int TABLE_AT = 446;
  private static final int ENTRIES = 4;
  private static final int ENTRY_BYTES = 16;
  private static final int LOGICAL_MAX = 128;

  /** An entry as it is on disk: sectors from the start of the disk or of what it is relative to. */
  private record Entry(int type, long first, long sectors) {
    boolean isExtended() {
      return type == 0x05 || type == 0x0f || type == 0x85;
    }

    boolean isUsed() {
      return type != 0 && first != 0 && sectors != 0;
    }
  }

  private final BlockIo disk;
  private final Arena arena;
  private final List<Partition> found = new ArrayList<>();

  private BootRecord(BlockIo disk, Arena arena) {
    this.disk = disk;
    this.arena = arena;
  }

  /** The partitions, or null if the disk has no such table. */
  static @Nullable List<Partition> read(BlockIo disk) throws BlockIoException {
    try (Arena arena = Arena.ofShared()) {
      BootRecord table = new BootRecord(disk, arena);
      MemorySegment record = table.record(0);
      if (record == null) {
        return null;
      }
      for (int i = 0; i < ENTRIES; i++) {
        Entry entry = entry(record, i);
        if (entry.isUsed()) {
          table.add(i + 1, entry.first, entry.sectors);
        }
      }
      for (int i = 0; i < ENTRIES; i++) {
        Entry entry = entry(record, i);
        if (entry.isUsed() && entry.isExtended()) {
          table.readLogical(entry);
          break;
        }
      }
      return table.found;
    }
  }

  /** Follows the chain, whose links count from its start and which a damaged disk may close. */
  private void readLogical(Entry extended) throws BlockIoException {
    long at = extended.first;
    for (int number = ENTRIES + 1; number < ENTRIES + 1 + LOGICAL_MAX; number++) {
      MemorySegment record = record(at);
      if (record == null) {
        return;
      }
      Entry logical = entry(record, 0);
      Entry next = entry(record, 1);
      if (logical.isUsed()) {
        add(number, at + logical.first, logical.sectors);
      }
      if (!next.isExtended() || next.first == 0 || next.first >= extended.sectors) {
        return;
      }
      at = extended.first + next.first;
    }
  }

  private @Nullable MemorySegment record(long sector) throws BlockIoException {
    MemorySegment record = PartitionTable.pages(disk, arena, sector * SECTOR_BYTES, SECTOR_BYTES);
    return record != null && record.get(SHORT, SIGNATURE_AT) == SIGNATURE ? record : null;
  }

  private static Entry entry(MemorySegment record, int index) {
    long at = TABLE_AT + (long) ENTRY_BYTES * index;
    return new Entry(
        record.get(JAVA_BYTE, at + 4) & 0xff,
        Integer.toUnsignedLong(record.get(INT, at + 8)),
        Integer.toUnsignedLong(record.get(INT, at + 12)));
  }

  /** Adds a partition, if it lies on the disk. */
  private void add(int number, long first, long sectors) {
    long end = disk.device().geometry().sizeBytes() / SECTOR_BYTES;
    if (first + sectors <= end) {
      found.add(new Partition(number, first * SECTOR_BYTES, sectors * SECTOR_BYTES));
    }
  }
}
