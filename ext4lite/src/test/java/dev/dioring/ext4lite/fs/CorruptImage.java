package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.Crc32c;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.ExtentNode;
import dev.dioring.ext4lite.format.GroupDescriptor;
import dev.dioring.ext4lite.format.HtreeNode;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A copy of an image to be changed byte by byte, with the checksums put right again or not. */
final class CorruptImage {
  /** What a user does with the volume. */
  interface Look {
    void at(Ext4Volume volume) throws IOException;
  }

  /** A change of the image, or the repair of a checksum. */
  interface Change {
    void make(CorruptImage image);
  }

  private static final int TAIL_BYTES = 12;
  private static final int XATTR_CHECKSUM_OFFSET = 16;

  private final byte[] original;
  private final byte[] bytes;
  private final ByteBuffer buffer;
  private final MemorySegment memory;
  private final Superblock superblock;
  private final BlockGroups groups;
  private final MetadataChecksums checksums;

  CorruptImage(byte[] original) {
    this.original = original;
    bytes = original.clone();
    buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    memory = MemorySegment.ofArray(bytes);
    MemorySegment unchanged = MemorySegment.ofArray(original);
    superblock = new Superblock(unchanged, Superblock.VOLUME_BYTE_OFFSET);
    groups = BlockGroups.of(superblock);
    checksums = MetadataChecksums.of(superblock);
  }

  /**
   * Changes a copy of an image, puts the checksum right, and expects the rule to be named; then
   * leaves the checksum as it was, and expects that to be named, or the rule if it is looked at
   * first.
   */
  static void assertNamed(
      byte[] image, Change change, Change mend, Look look, String structure, String predicate) {
    CorruptImage mended = new CorruptImage(image);
    change.make(mended);
    mend.make(mended);
    String message = mended.refusal(look);
    assertTrue(message.contains(structure) && message.contains(predicate), message);
    CorruptImage stale = new CorruptImage(image);
    change.make(stale);
    message = stale.refusal(look);
    boolean caught = message.contains("checksum") || message.contains(predicate);
    assertTrue(message.contains(structure) && caught, message);
  }

  /** The message of the clean failure that looking at the image must end in. */
  String refusal(Look look) {
    return refusal(VolumeOptions.READ_ONLY, look);
  }

  String refusalOfWriting(Look look) {
    return refusal(VolumeOptions.READ_WRITE, look);
  }

  private String refusal(VolumeOptions options, Look look) {
    Ext4Exception e =
        assertThrows(
            Ext4Exception.class,
            () -> {
              try (Ext4Volume volume = VolumeFacts.open(bytes, options)) {
                look.at(volume);
              }
            });
    String message = String.valueOf(e.getMessage());
    assertEquals(Errno.EUCLEAN, e.errno(), message);
    assertFalse(message.contains("\n"), message);
    return message;
  }

  /** Reads a whole file; a failure comes as users see it. */
  static Look reading(String path) {
    return volume -> {
      try (Ext4File file = volume.openFile(volume.resolve(path), false);
          Arena arena = Arena.ofShared()) {
        MemorySegment chunk = arena.allocate(1 << 16, 4096);
        for (long at = 0; at < file.sizeBytes(); at += chunk.byteSize()) {
          long result = file.io().read(at, chunk, 0);
          if (result < 0) {
            throw file.explain("reading " + path, (int) -result);
          }
        }
      }
    };
  }

  static Look listing(String path) {
    return volume -> {
      try (DirectoryCursor cursor = volume.resolve(path).openDirectory()) {
        while (cursor.next()) {
          cursor.name();
        }
      }
    };
  }

  byte[] bytes() {
    return bytes;
  }

  /** Stores a little-endian number of 1, 2 or 4 bytes. */
  CorruptImage put(long at, int width, long value) {
    return switch (width) {
      case 1 -> put8(at, value);
      case 2 -> put16(at, value);
      default -> put32(at, value);
    };
  }

  CorruptImage put8(long at, long value) {
    buffer.put((int) at, (byte) value);
    return this;
  }

  CorruptImage put16(long at, long value) {
    buffer.putShort((int) at, (short) value);
    return this;
  }

  CorruptImage put32(long at, long value) {
    buffer.putInt((int) at, (int) value);
    return this;
  }

  int u8(long at) {
    return bytes[(int) at] & 0xff;
  }

  int u16(long at) {
    return buffer.getShort((int) at) & 0xffff;
  }

  int i32(long at) {
    return buffer.getInt((int) at);
  }

  /** Number of the inode a path leads to in the original; links are not followed. */
  long inodeNr(String path) {
    return ask(volume -> volume.resolve(path, false).inodeNr());
  }

  /** Where an inode starts in the image. */
  long inode(String path) {
    long nr = inodeNr(path);
    long table = descriptorOf(groups.groupOfInode(nr)).inodeTableBlockNr();
    return at(table + groups.inodeTableBlock(nr)) + groups.inodeByteOffset(nr);
  }

  /** Block on the volume of a block of a file. */
  long fileBlock(String path, long fileBlockNr) {
    return ask(
        volume -> {
          ExtentRun run = new ExtentRun();
          volume.resolve(path, false).map().lookUp(fileBlockNr, run);
          return run.startBlockNr + fileBlockNr - run.fileBlockNr;
        });
  }

  /** Where a block starts in the image. */
  long at(long blockNr) {
    return blockNr << groups.blockSizeShift();
  }

  long descriptor(long group) {
    return at(groups.descriptorBlockNr(groups.descriptorBlockIndex(group)))
        + groups.descriptorByteOffset(group);
  }

  GroupDescriptor descriptorOf(long group) {
    return new GroupDescriptor(memory, descriptor(group), groups.descriptorSizeBytes());
  }

  /** The hash by which the default function orders a name. */
  long hash(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return DirectoryHash.of(superblock).hash(superblock.defaultHashVersion(), bytes);
  }

  void mendSuperblock() {
    new Superblock(memory, Superblock.VOLUME_BYTE_OFFSET).updateChecksum();
  }

  void mendDescriptor(long group) {
    checksums.update(descriptorOf(group), group);
  }

  void mendInode(String path) {
    Inode inode = new Inode(memory, inode(path), groups.inodeSizeBytes());
    inode.updateChecksum(checksums, inodeNr(path));
  }

  void mendExtents(String path, long blockNr) {
    ExtentNode.updateChecksum(memory, at(blockNr), checksums, seed(path));
  }

  void mendLeaf(String path, long blockNr) {
    long tail = at(blockNr) + groups.blockSizeBytes() - TAIL_BYTES;
    put32(tail + 8, Crc32c.update(seed(path), memory, at(blockNr), tail - at(blockNr)));
  }

  /** Mends a block of a directory's index whose table starts at {@code table}. */
  void mendIndex(String path, long blockNr, int table) {
    long start = at(blockNr) + table;
    int crc = HtreeNode.computeChecksum(memory, at(blockNr), start, seed(path));
    put32(start + 8L * HtreeNode.limit(memory, start) + 4, crc);
  }

  void mendAttributes(long blockNr) {
    long at = at(blockNr) + XATTR_CHECKSUM_OFFSET;
    put32(at, 0);
    int crc = Crc32c.updateLong(checksums.seed(), blockNr);
    put32(at, Crc32c.update(crc, memory, at(blockNr), groups.blockSizeBytes()));
  }

  private int seed(String path) {
    return checksums.inodeSeed(inodeNr(path), i32(inode(path) + 0x64));
  }

  private interface Question {
    long of(Ext4Volume volume) throws IOException;
  }

  private long ask(Question question) {
    try (Ext4Volume volume = VolumeFacts.open(original)) {
      return question.of(volume);
    } catch (IOException e) {
      throw new AssertionError("the original can be read", e);
    }
  }
}
