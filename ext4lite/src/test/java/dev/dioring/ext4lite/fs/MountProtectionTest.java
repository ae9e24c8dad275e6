package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.MemoryBlockDevice;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.MountProtectionBlock;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of the hosts that reach one volume, one writes it: the rules of multiple-mount protection. */
class MountProtectionTest {
  /** So long that no thread renews a claim while a test runs. */
  private static final String INTERVAL = "mmp_update_interval=300";

  private static final long WAIT_SECONDS = 360;
  private static final long BLOCK_NR_BYTE_OFFSET = Superblock.VOLUME_BYTE_OFFSET + 0x168;

  @TempDir Path directory = Path.of("");

  private final Arena arena = Arena.ofShared();
  private MemoryBlockDevice device = new MemoryBlockDevice("none", 512);
  private BlockIo io = new BlockIo(device);
  private Superblock superblock = new Superblock(MemorySegment.NULL, 0);

  /** What it waited for. */
  private final List<Long> pauses = new ArrayList<>();

  @BeforeEach
  void makeVolume() throws Exception {
    device.close();
    load(Ext4Image.make(directory.resolve("disk.img"), "8M", "-O", "mmp", "-E", INTERVAL));
  }

  private void load(Ext4Image image) throws IOException {
    byte[] bytes = image.bytes();
    device = new MemoryBlockDevice("disk.img", bytes.length);
    io = new BlockIo(device);
    MemorySegment memory = arena.allocate(bytes.length, 4096);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
    io.write(0, memory);
    superblock = new Superblock(memory, Superblock.VOLUME_BYTE_OFFSET);
  }

  @AfterEach
  void closeVolume() {
    device.close();
    arena.close();
  }

  @Test
  void volumesThatWereClosedAreClaimedAndGivenBack() throws Exception {
    MountClaim claim = take(List.of());
    assertEquals(List.of(WAIT_SECONDS), pauses);
    long sequence = sequence();
    assertTrue(sequence > 0 && sequence <= MountProtectionBlock.SEQUENCE_MAX, "" + sequence);
    assertTrue(claim.renew(1));
    assertEquals(sequence % MountProtectionBlock.SEQUENCE_MAX + 1, sequence());
    assertTrue(claim.renew(100_000), "nobody took it meanwhile");
    claim.close();
    assertEquals(MountProtectionBlock.CLEAN, sequence());
  }

  @Test
  void claimsThatWereLeftBehindAreWatchedFirst() throws Exception {
    change(block -> block.sequence(5));
    take(List.of()).close();
    assertEquals(List.of(WAIT_SECONDS, WAIT_SECONDS), pauses);
  }

  @Test
  void claimsThatAreAliveAreRespected() throws Exception {
    change(block -> block.sequence(5));
    assertBusy("it is open on host other, device sdz (mmp)", List.of(() -> renewElsewhere(6)));
    assertEquals(6, sequence());
  }

  @Test
  void ofTwoWhoClaimAtOnceTheFirstGivesWay() throws Exception {
    assertBusy("it is open on host other", List.of(() -> renewElsewhere(7)));
    assertEquals(7, sequence());
  }

  @Test
  void volumesUnderRepairAreRefused() throws Exception {
    change(block -> block.sequence(MountProtectionBlock.CHECKING));
    assertBusy("e2fsck works on it", List.of());
    assertEquals(List.of(), pauses);
  }

  @Test
  void whoFindsItsVolumeTakenStops() throws Exception {
    AtomicInteger stopped = new AtomicInteger();
    MountClaim claim = take(List.of());
    claim.whenLost(stopped::incrementAndGet);
    renewElsewhere(9);
    assertFalse(claim.renew(100_000));
    assertEquals(1, stopped.get());
    claim.whenLost(stopped::incrementAndGet);
    assertEquals(2, stopped.get(), "told at once");
    claim.close();
    assertEquals(9, sequence(), "the other has it still");
  }

  @Test
  void damagedBlocksAreNamed() throws Exception {
    change(block -> block.sequence(5));
    MemorySegment memory = read();
    memory.set(ValueLayout.JAVA_BYTE, 4, (byte) 6);
    io.write(byteOffset(), memory);
    assertCorrupt("checksum");
    memory.fill((byte) 0);
    io.write(byteOffset(), memory);
    assertCorrupt("mmp_magic");
  }

  @Test
  void blocksOutsideTheVolumeAreNamed() throws Exception {
    superblock.memory().set(ValueLayout.JAVA_LONG, BLOCK_NR_BYTE_OFFSET, 1L << 40);
    assertCorrupt("s_mmp_block");
  }

  /** The real waiting, which the format prescribes, once. */
  @Test
  void volumesAreWritten() throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("small.img"), "8M", "-O", "mmp");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      volume.namespace().create(Ext4Inode.ROOT_NR, FileName.encode("file"), spec);
      load(image);
      assertTrue(sequence() <= MountProtectionBlock.SEQUENCE_MAX);
    }
    image.assertClean();
    assertTrue(image.debugfs("dump_mmp").contains("sequence: ff4d4d50"));
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_ONLY)) {
      assertEquals(FileKind.REGULAR, volume.resolve("/file").kind());
    }
  }

  private void assertBusy(String why, List<Change> meanwhile) {
    Ext4Exception refused = assertThrows(Ext4Exception.class, () -> take(meanwhile));
    assertEquals(Errno.EBUSY, refused.errno());
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }

  private void assertCorrupt(String predicate) {
    CorruptStructureException refused =
        assertThrows(CorruptStructureException.class, () -> take(List.of()));
    assertTrue(String.valueOf(refused.getMessage()).contains(predicate), refused.getMessage());
  }

  /** Claims the volume, while others do something in each pause. */
  private MountClaim take(List<Change> meanwhile) throws IOException {
    MountProtection protection =
        new MountProtection(io, "dir/disk.img", superblock, Clock.systemUTC(), arena);
    return MountClaim.take(
        "disk.img",
        protection,
        seconds -> {
          if (pauses.size() < meanwhile.size()) {
            meanwhile.get(pauses.size()).make();
          }
          pauses.add(seconds);
        });
  }

  private interface Change {
    void make();
  }

  private void renewElsewhere(long sequence) {
    try {
      change(
          block -> {
            block.sequence(sequence);
            block.node("other");
            block.device("sdz");
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void change(Consumer<MountProtectionBlock> change) throws IOException {
    MemorySegment memory = read();
    MountProtectionBlock block = new MountProtectionBlock(MetadataChecksums.of(superblock), memory);
    change.accept(block);
    block.updateChecksum();
    io.write(byteOffset(), memory);
  }

  private long sequence() throws IOException {
    return new MountProtectionBlock(MetadataChecksums.of(superblock), read()).sequence();
  }

  private MemorySegment read() throws IOException {
    MemorySegment memory = arena.allocate(blockSizeBytes(), 4096);
    io.readFully(byteOffset(), memory);
    return memory;
  }

  private long byteOffset() {
    return superblock.mountProtectionBlockNr() * blockSizeBytes();
  }

  private long blockSizeBytes() {
    return (long) Superblock.SIZE_BYTES << superblock.logBlockSize();
  }
}
