package dev.dioring.engine.block;

import dev.dioring.engine.block.PartitionTable.Partition;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32;

/** Makes disks with tables of partitions, for tests. */
final class PartitionedDisk {
  private static final int ENTRIES = 128;
  private static final int ENTRY_BYTES = 128;
  private static final int MIB = 1 << 20;

  /** Those of {@link #bootRecord}: one primary, the extended one, and two logical ones in it. */
  static final List<Partition> BOOT_RECORD_PARTITIONS =
      List.of(
          new Partition(1, MIB, MIB),
          new Partition(2, 4L * MIB, 4L * MIB),
          new Partition(5, 4L * MIB + 4096, MIB - 4096),
          new Partition(6, 5L * MIB + 4096, 2L * MIB));

  private PartitionedDisk() {}

  static byte[] guid(int diskBytes, int sectorBytes, List<Partition> partitions) {
    ByteBuffer disk = ByteBuffer.allocate(diskBytes).order(ByteOrder.LITTLE_ENDIAN);
    putEntry(disk, 446, 0xee, 1, diskBytes / 512 - 1);
    disk.putShort(510, (short) 0xaa55);
    int sectors = diskBytes / sectorBytes;
    int arraySectors = ENTRIES * ENTRY_BYTES / sectorBytes;
    putTable(disk, sectorBytes, 1, sectors - 1, 2, partitions);
    putTable(disk, sectorBytes, sectors - 1, 1, sectors - 1 - arraySectors, partitions);
    return disk.array();
  }

  private static void putTable(
      ByteBuffer disk, int sectorBytes, int own, int other, int array, List<Partition> parts) {
    int at = array * sectorBytes;
    for (Partition part : parts) {
      int entry = at + (part.number() - 1) * ENTRY_BYTES;
      disk.putLong(entry, 0x477284830fc63dafL).putLong(entry + 8, 0xe47d47d8693d798eL);
      disk.putLong(entry + 16, part.number()).putLong(entry + 24, part.startBytes());
      disk.putLong(entry + 32, part.startBytes() / sectorBytes);
      disk.putLong(entry + 40, (part.startBytes() + part.lengthBytes()) / sectorBytes - 1);
    }
    int header = own * sectorBytes;
    int arraySectors = ENTRIES * ENTRY_BYTES / sectorBytes;
    disk.put(header, "EFI PART".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    disk.putInt(header + 0x08, 0x10000).putInt(header + 0x0c, 92);
    disk.putLong(header + 0x18, own).putLong(header + 0x20, other);
    disk.putLong(header + 0x28, 2 + arraySectors);
    disk.putLong(header + 0x30, disk.capacity() / sectorBytes - 2 - arraySectors);
    disk.putLong(header + 0x38, 1).putLong(header + 0x48, array);
    disk.putInt(header + 0x50, ENTRIES).putInt(header + 0x54, ENTRY_BYTES);
    disk.putInt(header + 0x58, crc(disk, at, ENTRIES * ENTRY_BYTES));
    disk.putInt(header + 0x10, crc(disk, header, 92));
  }

  static byte[] bootRecord(int diskBytes) {
    ByteBuffer disk = ByteBuffer.allocate(diskBytes).order(ByteOrder.LITTLE_ENDIAN);
    int mib = MIB / 512;
    putEntry(disk, 446, 0x83, mib, mib);
    putEntry(disk, 462, 0x05, 4 * mib, 4 * mib);
    disk.putShort(510, (short) 0xaa55);
    int first = 4 * MIB;
    putEntry(disk, first + 446, 0x83, 8, mib - 8);
    putEntry(disk, first + 462, 0x05, mib, 3 * mib);
    disk.putShort(first + 510, (short) 0xaa55);
    int second = 5 * MIB;
    putEntry(disk, second + 446, 0x83, 8, 2 * mib);
    disk.putShort(second + 510, (short) 0xaa55);
    return disk.array();
  }

  private static void putEntry(ByteBuffer disk, int at, int type, int first, int sectors) {
    disk.put(at + 4, (byte) type).putInt(at + 8, first).putInt(at + 12, sectors);
  }

  private static int crc(ByteBuffer disk, int at, int bytes) {
    CRC32 crc = new CRC32();
    crc.update(disk.duplicate().position(at).limit(at + bytes));
    return (int) crc.getValue();
  }
}
