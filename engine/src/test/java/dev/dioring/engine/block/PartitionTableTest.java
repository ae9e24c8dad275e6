package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.PartitionTable.Partition;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of partitions, as partx reads them too, and windows onto partitions. */
class PartitionTableTest {
  private static final Path PARTX = Path.of("/usr/bin/partx");
  private static final int DISK_BYTES = 8 << 20;
  private static final long MIB = 1 << 20;

  @TempDir Path temp = Path.of("");

  @ParameterizedTest
  @ValueSource(ints = {512, 4096})
  void guidTablesAreRead(int sectorBytes) throws Exception {
    byte[] disk =
        PartitionedDisk.guid(
            DISK_BYTES, sectorBytes, List.of(part(1, 1, 2), part(3, 4, 1), part(128, 6, 1)));
    assertEquals(List.of(part(1, 1, 2), part(3, 4, 1), part(128, 6, 1)), read(disk));
  }

  @Test
  void backupServesWhereTheFirstTableIsDamaged() throws Exception {
    byte[] disk = PartitionedDisk.guid(DISK_BYTES, 512, List.of(part(2, 1, 2)));
    disk[2 * 512 + 128 + 40]++;
    assertEquals(List.of(part(2, 1, 2)), read(disk));
    disk[DISK_BYTES - 512 + 0x50]++;
    BlockIoException refused = assertThrows(BlockIoException.class, () -> read(disk));
    assertEquals(Errno.EUCLEAN, refused.errno());
  }

  @Test
  void bootRecordsAreReadWithTheirChains() throws Exception {
    byte[] disk = PartitionedDisk.bootRecord(DISK_BYTES);
    assertEquals(PartitionedDisk.BOOT_RECORD_PARTITIONS, read(disk));
  }

  @Test
  void partxSeesTheSamePartitions() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(PARTX), "partx is not installed");
    List<Partition> guid = List.of(part(1, 1, 2), part(3, 4, 1), part(5, 6, 1));
    assertEquals(guid, seenByPartx(PartitionedDisk.guid(DISK_BYTES, 512, guid)));
    List<Partition> seen = seenByPartx(PartitionedDisk.bootRecord(DISK_BYTES));
    assertEquals(PartitionedDisk.BOOT_RECORD_PARTITIONS, seen);
  }

  @Test
  void disksWithoutATableSaySo() {
    BlockIoException refused =
        assertThrows(BlockIoException.class, () -> read(new byte[DISK_BYTES]));
    assertEquals(Errno.ENODATA, refused.errno());
  }

  /** Whatever bytes there are, partitions lie on the disk, and reading ends. */
  @Test
  void damagedTablesDoNoHarm() throws Exception {
    long seed = Long.getLong("dioring.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] disk =
          round % 2 == 0
              ? PartitionedDisk.bootRecord(DISK_BYTES)
              : PartitionedDisk.guid(DISK_BYTES, 512, List.of(part(1, 1, 2), part(3, 4, 1)));
      for (int i = 0; i < 40; i++) {
        int at = random.nextBoolean() ? 446 + random.nextInt(64) : (int) (5 * MIB) + 446 + i;
        disk[at] = (byte) random.nextInt();
      }
      try {
        for (Partition partition : read(disk)) {
          assertTrue(
              partition.startBytes() > 0
                  && partition.lengthBytes() > 0
                  && partition.startBytes() + partition.lengthBytes() <= DISK_BYTES,
              partition + ", seed " + seed);
        }
      } catch (BlockIoException refused) {
        assertTrue(refused.errno() == Errno.EUCLEAN || refused.errno() == Errno.ENODATA);
      }
    }
  }

  @Test
  void windowsShowTheirPartOnly() throws Exception {
    Path file = temp.resolve("disk");
    Files.write(file, PartitionedDisk.guid(DISK_BYTES, 512, List.of(part(1, 1, 2))));
    OpenOptions options = OpenOptions.DEFAULT.withBuffered(true).withRegion(new Region.Numbered(1));
    try (BlockDevice device = BlockDevices.open(file, options);
        Arena arena = Arena.ofShared()) {
      assertEquals(2 * MIB, device.geometry().sizeBytes());
      assertTrue(device.name().endsWith("(partition 1)"), device.name());
      BlockIo io = new BlockIo(device);
      MemorySegment block = arena.allocate(4096, 4096);
      block.fill((byte) 7);
      io.write(4096, block);
      io.write(2 * MIB - 4096, block);
      io.discard(8192, 4096);
      BlockIoException behind =
          assertThrows(BlockIoException.class, () -> io.write(2 * MIB - 2048, block));
      assertEquals(Errno.ENOSPC, behind.errno());
      assertEquals(
          Errno.EINVAL, assertThrows(BlockIoException.class, () -> io.read(-4096, block)).errno());
      block.fill((byte) 0);
      io.readFully(4096, block);
      assertEquals(7, block.get(JAVA_BYTE, 4095));
    }
    byte[] disk = Files.readAllBytes(file);
    assertEquals(0, disk[(int) MIB + 4095]);
    assertEquals(7, disk[(int) MIB + 4096]);
    assertEquals(7, disk[(int) (3 * MIB) - 1]);
    assertEquals(0, disk[(int) (3 * MIB)]);
  }

  @Test
  void missingPartsAreRefused() throws Exception {
    Path file = temp.resolve("disk");
    Files.write(file, PartitionedDisk.guid(DISK_BYTES, 512, List.of(part(1, 1, 2))));
    assertRefused(file, new Region.Numbered(2), "there are only [1]");
    assertRefused(file, new Region.From(DISK_BYTES), "the image has");
    assertRefused(file, new Region.From(-512), "starts at byte -512");
  }

  @Test
  void flushesAreLeftOutWhereNobodyWantsThem() throws Exception {
    RecordingBlockDevice recording =
        new RecordingBlockDevice(new MemoryBlockDevice("disk", DISK_BYTES));
    try (BlockDevice device = new UnflushedBlockDevice(recording);
        Arena arena = Arena.ofShared()) {
      BlockIo io = new BlockIo(device);
      io.writeFua(0, arena.allocate(4096, 4096));
      io.flush();
      assertEquals(
          List.of(), recording.log().stream().filter(r -> r.op() == BlockOp.FLUSH).toList());
      assertTrue(recording.log().stream().noneMatch(RecordedRequest::fua));
    }
  }

  private static void assertRefused(Path file, Region region, String mention) {
    OpenOptions options = OpenOptions.DEFAULT.withBuffered(true).withRegion(region);
    BlockIoException refused =
        assertThrows(BlockIoException.class, () -> BlockDevices.open(file, options));
    assertTrue(String.valueOf(refused.getMessage()).contains(mention), refused.getMessage());
  }

  private static Partition part(int number, long startMib, long lengthMib) {
    return new Partition(number, startMib * MIB, lengthMib * MIB);
  }

  private static List<Partition> read(byte[] content) throws IOException {
    try (MemoryBlockDevice disk = new MemoryBlockDevice("disk", content.length)) {
      MemorySegment.copy(content, 0, disk.medium(), JAVA_BYTE, 0, content.length);
      return PartitionTable.read(new BlockIo(disk)).partitions();
    }
  }

  private List<Partition> seenByPartx(byte[] content) throws Exception {
    Path file = Files.write(temp.resolve("partx"), content);
    List<Partition> found = new ArrayList<>();
    String table = run(PARTX.toString(), "-g", "-o", "NR,START,SECTORS", file.toString());
    for (String line : table.lines().toList()) {
      String[] words = line.strip().split(" +", -1);
      found.add(
          new Partition(
              Integer.parseInt(words[0]),
              Long.parseLong(words[1]) * 512,
              Long.parseLong(words[2]) * 512));
    }
    return found;
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), String.join(" ", command));
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}
