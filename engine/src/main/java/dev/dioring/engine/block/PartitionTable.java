package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of a disk, by a GUID partition table (UEFI specification, 5.3) or a master boot
 * record with its chain of extended ones. What is read is checked before it is used.
 */
public final class PartitionTable {
  /** Reads of tables are whole pages: direct I/O takes no less on some devices. */
  static final int PAGE_BYTES = 4096;

  /**
   * One partition, within the disk.
   *
   * @param number as the kernel and fdisk count it, from 1 on
   */
  public record Partition(int number, long startBytes, long lengthBytes) {}

  private final String name;
  private final List<Partition> partitions;

  private PartitionTable(String name, List<Partition> partitions) {
    this.name = name;
    this.partitions = partitions;
  }

  /**
   * Reads the table of a disk. Parks.
   *
   * @throws BlockIoException ENODATA if there is none, EUCLEAN if it is damaged, EIO
   */
  public static PartitionTable read(BlockIo disk) throws BlockIoException {
    List<Partition> found = GuidTable.read(disk);
    if (found == null) {
      found = BootRecord.read(disk);
    }
    if (found == null) {
      throw failure(disk, Errno.ENODATA, "there is none");
    }
    return new PartitionTable(disk.device().name(), List.copyOf(found));
  }

  public List<Partition> partitions() {
    return partitions;
  }

  /** A partition by its number. @throws BlockIoException ENODATA, naming those there are */
  public Partition find(int number) throws BlockIoException {
    List<Integer> numbers = new ArrayList<>();
    for (Partition partition : partitions) {
      if (partition.number == number) {
        return partition;
      }
      numbers.add(partition.number);
    }
    throw new BlockIoException(
        "opening partition " + number + " of",
        name,
        Errno.ENODATA,
        numbers.isEmpty() ? "the table is empty" : "there are only " + numbers);
  }

  static BlockIoException failure(BlockIo disk, int errno, String why) {
    return new BlockIoException("reading the partition table of", disk.device().name(), errno, why);
  }

  /** Pages from a byte on, or null where the disk ends before. */
  static @Nullable MemorySegment pages(BlockIo disk, Arena arena, long byteOffset, long length)
      throws BlockIoException {
    long start = byteOffset & -PAGE_BYTES;
    long bytes = (byteOffset + length - start + PAGE_BYTES - 1) & -PAGE_BYTES;
    if (byteOffset < 0 || byteOffset > disk.device().geometry().sizeBytes() - length) {
      return null;
    }
    MemorySegment memory = arena.allocate(bytes, PAGE_BYTES);
    int count = disk.read(start, memory);
    long from = byteOffset - start;
    return count < from + length ? null : memory.asSlice(from, length);
  }
}
