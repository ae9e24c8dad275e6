package dev.dioring.ext4lite.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logs that debugfs wrote are read as they were meant, and written again to the same bytes. */
class JournalFormatTest {
  private static final int COPIES = 40;
  private static final int LOG_BLOCKS = COPIES + 10;
  private static final int ESCAPED = 3;
  private static final long SEED = 3;

  private @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "1024, 64bit, ",
    "1024, 64bit, -c -v 2",
    "1024, 64bit, -c -v 3",
    "1024, ^64bit, ",
    "1024, ^64bit, -c -v 2",
    "1024, ^64bit, -c -v 3",
    "4096, 64bit, -c -v 3"
  })
  void logsOfDebugfsAreReadAndWrittenAgain(int blockSize, String feature, String open)
      throws Exception {
    Ext4Image image =
        Ext4Image.make(
            directory.resolve("image"),
            "32M",
            "-b",
            "" + blockSize,
            "-O",
            "metadata_csum," + feature);
    byte[] copies = copies(blockSize);
    Path data = Files.write(directory.resolve("data"), copies);

    image.debugfsWrite(
        "jo " + (open == null ? "" : open),
        "jw -r 3005,3007,4001 -b 4000-" + (4000 + COPIES - 1) + " " + data,
        "jc");
    MemorySegment journal = journal(image, blockSize);
    JournalSuperblock superblock = new JournalSuperblock(journal, 0);
    assertTrue(superblock.isPresent());
    assertEquals(blockSize, superblock.blockSizeBytes());
    assertEquals(1, superblock.startBlock());
    assertEquals(1, superblock.sequence());
    JournalFeatures features = superblock.features();
    assertEquals("64bit".equals(feature), features.is64Bit());
    assertEquals(open != null, features.blocksChecksummed());
    if (open != null) {
      assertEquals(open.endsWith("2"), features.checksumV2());
      assertEquals(superblock.computeChecksum(), superblock.checksum());
      assertEquals(JournalSuperblock.CHECKSUM_TYPE_CRC32C, superblock.checksumType());
    }
    compare(superblock, journal, copies, blockSize);
  }

  private static void compare(
      JournalSuperblock superblock, MemorySegment journal, byte[] copies, int blockSize) {
    JournalChecksums checksums = JournalChecksums.of(superblock);
    RevokeRecords revokes = new RevokeRecords(superblock);
    DescriptorTags tags = new DescriptorTags(superblock.features(), blockSize);
    DescriptorWriter writer = new DescriptorWriter(superblock);
    List<Long> revoked = new ArrayList<>();
    int copy = 0;
    boolean committed = false;
    for (int at = 1; !committed; at++) {
      MemorySegment block = journal.asSlice((long) at * blockSize, blockSize);
      MemorySegment again = MemorySegment.ofArray(new byte[blockSize]);
      assertTrue(JournalHeader.belongsTo(block, 0, 1), "block " + at);
      switch (JournalHeader.type(block, 0)) {
        case JournalHeader.DESCRIPTOR -> {
          assertTrue(checksums.isTailValid(block, 0));
          writer.begin(again, 0, 1);
          tags.begin(block, 0);
          while (tags.next()) {
            at++;
            MemorySegment logged = journal.asSlice((long) at * blockSize, blockSize);
            checkCopy(tags, logged, copies, copy, checksums, blockSize);
            writer.add(tags.blockNr(), tags.isEscaped(), tags.checksum());
            copy++;
          }
          writer.end();
        }
        case JournalHeader.REVOKE -> {
          assertTrue(checksums.isTailValid(block, 0));
          assertTrue(revokes.isCountValid(block, 0));
          revokes.begin(again, 0, 1);
          for (int i = 0; i < revokes.count(block, 0); i++) {
            revoked.add(revokes.blockNr(block, 0, i));
            revokes.add(again, 0, revokes.blockNr(block, 0, i));
          }
          revokes.end(again, 0);
        }
        case JournalHeader.COMMIT -> {
          assertTrue(checksums.isCommitValid(block, 0));
          CommitBlock.put(
              again, 0, blockSize, 1, CommitBlock.seconds(block, 0), CommitBlock.nanos(block, 0));
          checksums.updateCommit(again, 0);
          committed = true;
        }
        default -> throw new AssertionError("type " + JournalHeader.type(block, 0));
      }
      if (JournalHeader.type(block, 0) == JournalHeader.DESCRIPTOR) {
        compareTags(block, again, superblock.features());
      } else {
        assertArrayEquals(
            block.toArray(ValueLayout.JAVA_BYTE), again.toArray(ValueLayout.JAVA_BYTE), "at " + at);
      }
    }
    assertEquals(COPIES, copy);
    assertEquals(List.of(3005L, 3007L, 4001L), revoked.stream().sorted().toList());
  }

  /** debugfs 1.47 puts the UUID somewhere behind the tags, so that some unused bytes differ. */
  private static void compareTags(
      MemorySegment block, MemorySegment again, JournalFeatures features) {
    DescriptorTags expected = new DescriptorTags(features, (int) block.byteSize());
    DescriptorTags tags = new DescriptorTags(features, (int) block.byteSize());
    expected.begin(block, 0);
    tags.begin(again, 0);
    while (expected.next()) {
      assertTrue(tags.next());
      assertEquals(expected.blockNr(), tags.blockNr());
      // Flags have 16 bits for debugfs, which leaves the upper half of 32 as it was.
      assertEquals(expected.flags() & 0xffff, tags.flags());
      if (features.blocksChecksummed()) {
        assertEquals(expected.checksum(), tags.checksum());
      }
    }
    assertFalse(tags.next());
  }

  private static void checkCopy(
      DescriptorTags tags,
      MemorySegment logged,
      byte[] copies,
      int index,
      JournalChecksums checksums,
      int blockSize) {
    assertEquals(4000 + index, tags.blockNr());
    assertEquals(index == ESCAPED, tags.isEscaped());
    byte[] content = logged.toArray(ValueLayout.JAVA_BYTE);
    if (tags.isEscaped()) {
      JournalHeader.unescape(MemorySegment.ofArray(content), 0);
    }
    int from = index * blockSize;
    assertArrayEquals(Arrays.copyOfRange(copies, from, from + blockSize), content);
    if (checksums.enabled()) {
      assertEquals(checksums.ofCopy(1, logged, 0), tags.checksum());
    }
  }

  @Test
  void damageIsFound() {
    MemorySegment journal = MemorySegment.ofArray(new byte[4096 * 3]);
    JournalSuperblock superblock = superblock(journal, 4096);
    JournalChecksums checksums = JournalChecksums.of(superblock);
    MemorySegment block = journal.asSlice(4096, 4096);
    CommitBlock.put(block, 0, 4096, 7, 1_700_000_000L, 5);
    checksums.updateCommit(block, 0);
    assertTrue(checksums.isCommitValid(block, 0));
    block.set(ValueLayout.JAVA_BYTE, 4000, (byte) 1);
    assertTrue(checksums.isCommitValid(block, 0), "older content behind the first sector");
    block.set(ValueLayout.JAVA_BYTE, 0x37, (byte) 1);
    assertFalse(checksums.isCommitValid(block, 0));
    RevokeRecords revokes = new RevokeRecords(superblock);
    revokes.begin(block, 0, 7);
    revokes.add(block, 0, 99);
    revokes.end(block, 0);
    assertTrue(checksums.isTailValid(block, 0));
    block.set(ValueLayout.JAVA_BYTE, 23, (byte) 1);
    assertFalse(checksums.isTailValid(block, 0));
  }

  @Test
  void fullBlocksHoldWhatTheySay() {
    MemorySegment journal = MemorySegment.ofArray(new byte[4096 * 2]);
    JournalSuperblock superblock = superblock(journal, 1024);
    MemorySegment block = journal.asSlice(4096, 1024);
    DescriptorWriter writer = new DescriptorWriter(superblock);
    DescriptorTags tags = new DescriptorTags(superblock.features(), 1024);
    for (int count : List.of(1, 2, writer.tagsMax())) {
      writer.begin(block, 0, 9);
      for (int i = 0; i < count; i++) {
        assertTrue(writer.hasRoom());
        writer.add(0x1_0000_0000L + i, i % 2 == 1, i);
      }
      assertEquals(count < writer.tagsMax(), writer.hasRoom());
      writer.end();
      tags.begin(block, 0);
      for (int i = 0; i < count; i++) {
        assertTrue(tags.next());
        assertEquals(0x1_0000_0000L + i, tags.blockNr());
        assertEquals(i % 2 == 1, tags.isEscaped());
        assertEquals(i, tags.checksum());
      }
      assertFalse(tags.next());
    }
    RevokeRecords revokes = new RevokeRecords(superblock);
    revokes.begin(block, 0, 9);
    for (int i = 0; i < revokes.recordsMax(); i++) {
      revokes.add(block, 0, -1L - i);
    }
    assertThrows(IllegalStateException.class, () -> revokes.add(block, 0, 1));
    assertEquals(revokes.recordsMax(), revokes.count(block, 0));
    assertEquals(-5, revokes.blockNr(block, 0, 4));
  }

  @Test
  void checksumsOfVersion1AreThoseOfTheCatalogue() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    MemorySegment memory = MemorySegment.ofArray(digits);
    // CRC-32/MPEG-2 in the catalogue of parametrised CRC algorithms.
    assertEquals(0x0376e6e7, JournalCrc32.update(JournalCrc32.SEED, memory, 0, 9));
  }

  @Test
  void sequencesWrapAround() {
    assertTrue(JournalHeader.isLater(1, 0));
    assertTrue(JournalHeader.isLater(2, -2));
    assertFalse(JournalHeader.isLater(-2, 2));
    assertFalse(JournalHeader.isLater(5, 5));
  }

  private static JournalSuperblock superblock(MemorySegment journal, int blockSize) {
    JournalHeader.put(journal, 0, JournalHeader.SUPERBLOCK_V2, 0);
    BigEndian.put32(journal, 0x0c, blockSize);
    JournalSuperblock superblock = new JournalSuperblock(journal, 0);
    int incompat = JournalFeatures.INCOMPAT_64BIT | JournalFeatures.INCOMPAT_CHECKSUM_V3;
    superblock.features(new JournalFeatures(0, incompat, 0));
    return superblock;
  }

  private static byte[] copies(int blockSize) {
    byte[] copies = new byte[COPIES * blockSize];
    new Random(SEED).nextBytes(copies);
    JournalHeader.unescape(MemorySegment.ofArray(copies), (long) ESCAPED * blockSize);
    return copies;
  }

  /** The start of the journal, which may lie scattered. */
  private static MemorySegment journal(Ext4Image image, int blockSize) throws Exception {
    String[] commands = new String[LOG_BLOCKS];
    Arrays.setAll(commands, i -> "bmap <8> " + i);
    Matcher matcher = Pattern.compile("(?m)^(\\d+)$").matcher(image.debugfs(commands));
    byte[] volume = image.bytes();
    byte[] journal = new byte[LOG_BLOCKS * blockSize];
    for (int i = 0; i < LOG_BLOCKS; i++) {
      assertTrue(matcher.find(), "block " + i);
      int from = Integer.parseInt(matcher.group(1)) * blockSize;
      System.arraycopy(volume, from, journal, i * blockSize, blockSize);
    }
    return MemorySegment.ofArray(journal);
  }
}
