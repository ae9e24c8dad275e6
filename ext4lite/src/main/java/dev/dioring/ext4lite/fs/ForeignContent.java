package dev.dioring.ext4lite.fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Recognises, by its first bytes, what an image that is no ext4 holds instead; for messages. */
final class ForeignContent {
  private static final ValueLayout.OfInt LITTLE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int SECTOR_BYTES = 512;
  private static final int TABLE_OFFSET = 446;
  private static final int TABLE_ENTRIES = 4;
  private static final int TABLE_ENTRY_BYTES = 16;

  /** Formats by the bytes that say so. */
  private enum Format {
    QCOW2("a qcow2 image: convert it to raw with qemu-img", 0, "QFI\u00fb"),
    VMDK("a VMDK image: convert it to raw with qemu-img", 0, "KDMV"),
    VHDX("a VHDX image: convert it to raw with qemu-img", 0, "vhdxfile"),
    UNDO("an undo file of e2fsprogs, for e2undo", 0, "E2UNDO02"),
    GZIP("compressed with gzip", 0, "\u001f\u008b"),
    XZ("compressed with xz", 0, "\u00fd7zXZ"),
    ZSTD("compressed with zstd", 0, "(\u00b5/\u00fd"),
    LUKS("encrypted with LUKS", 0, "LUKS\u00ba\u00be"),
    XFS("an XFS volume", 0, "XFSB"),
    SQUASHFS("a squashfs image", 0, "hsqs"),
    EROFS("an EROFS image", 1024, "\u00e2\u00e1\u00f5\u00e0"),
    LVM("an LVM physical volume", 512, "LABELONE"),
    GPT("a disk with partitions (GPT)", SECTOR_BYTES, "EFI PART");

    final String text;
    final int offset;

    /** A character for each byte. */
    final String magic;

    Format(String text, int offset, String magic) {
      this.text = text;
      this.offset = offset;
      this.magic = magic;
    }
  }

  private ForeignContent() {}

  /**
   * What the start of an image looks like, or an empty string.
   *
   * @param start its first bytes
   * @param lengthBytes how many of them were read
   */
  static String describe(MemorySegment start, long lengthBytes) {
    for (Format format : Format.values()) {
      if (isAt(start, lengthBytes, format)) {
        return format == Format.GPT ? partitioned(format.text) : "it is " + format.text;
      }
    }
    return describeTable(start, lengthBytes);
  }

  private static boolean isAt(MemorySegment start, long lengthBytes, Format format) {
    MemorySegment magic = MemorySegment.ofArray(format.magic.getBytes(StandardCharsets.ISO_8859_1));
    return format.offset + magic.byteSize() <= lengthBytes
        && start.asSlice(format.offset, magic.byteSize()).mismatch(magic) == -1;
  }

  /** A table of partitions as DOS had it, which boot sectors look like too. */
  private static String describeTable(MemorySegment start, long lengthBytes) {
    if (lengthBytes < SECTOR_BYTES || start.get(LITTLE, SECTOR_BYTES - 4) >>> 16 != 0xaa55) {
      return "";
    }
    for (int i = 0; i < TABLE_ENTRIES; i++) {
      long entry = TABLE_OFFSET + (long) TABLE_ENTRY_BYTES * i;
      int status = start.get(ValueLayout.JAVA_BYTE, entry) & 0xff;
      int type = start.get(ValueLayout.JAVA_BYTE, entry + 4) & 0xff;
      long first = start.get(LITTLE, entry + 8) & 0xffff_ffffL;
      if ((status == 0 || status == 0x80) && type != 0 && first != 0) {
        String number = (i + 1) + " starts at byte " + first * SECTOR_BYTES;
        return partitioned("a disk with partitions (DOS), of which number " + number);
      }
    }
    return "";
  }

  private static String partitioned(String what) {
    return "it is " + what + ": name one with partition=N after -o, or --partition N";
  }
}
