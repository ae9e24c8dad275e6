package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.XattrEntry;
import dev.dioring.ext4lite.format.XattrHash;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The attributes in an inode or in a block, taken out to be changed and put back as a whole. */
final class XattrRegion {
  /** One attribute; its value may lie in an inode of its own. */
  static final class Attribute {
    final int nameIndex;
    final byte[] name;
    final byte[] value;
    final long valueInodeNr;
    final long valueBytes;
    final int hash;

    private Attribute(
        int nameIndex, byte[] name, byte[] value, long valueInodeNr, long valueBytes, int hash) {
      this.nameIndex = nameIndex;
      this.name = name;
      this.value = value;
      this.valueInodeNr = valueInodeNr;
      this.valueBytes = valueBytes;
      this.hash = hash;
    }

    static Attribute of(int nameIndex, byte[] name, byte[] value) {
      return new Attribute(nameIndex, name, value, 0, value.length, 0);
    }

    /** One whose value lies in an inode of its own. */
    static Attribute inInode(
        int nameIndex, byte[] name, long inodeNr, long valueBytes, int valueHash) {
      int hash = XattrHash.of(name, valueHash);
      return new Attribute(nameIndex, name, new byte[0], inodeNr, valueBytes, hash);
    }

    boolean isNamed(int index, byte[] other) {
      return nameIndex == index && Arrays.equals(name, other);
    }

    int bytes() {
      return XattrEntry.entryBytesFor(name.length) + paddedBytes();
    }

    int paddedBytes() {
      return (value.length + 3) & ~3;
    }
  }

  /** In front of the value of the list's last entry there are four zero bytes. */
  private static final int END_BYTES = 4;

  private static final Comparator<Attribute> BLOCK_ORDER =
      Comparator.comparingInt((Attribute a) -> a.nameIndex)
          .thenComparingInt(a -> a.name.length)
          .thenComparing((a, b) -> Arrays.compareUnsigned(a.name, b.name));

  private final List<Attribute> attributes = new ArrayList<>();

  /**
   * Takes a checked list.
   *
   * @param valueBase what value offsets count from
   */
  void read(MemorySegment memory, long first, long valueBase) {
    long entry = first;
    while (!XattrEntry.isEnd(memory, entry)) {
      long inodeNr = XattrEntry.valueInodeNr(memory, entry);
      long size = XattrEntry.valueBytes(memory, entry);
      byte[] value = new byte[inodeNr == 0 ? (int) size : 0];
      long at = valueBase + XattrEntry.valueOffset(memory, entry);
      MemorySegment.copy(
          memory, ValueLayout.JAVA_BYTE, value.length == 0 ? 0 : at, value, 0, value.length);
      attributes.add(
          new Attribute(
              XattrEntry.nameIndex(memory, entry),
              XattrEntry.name(memory, entry),
              value,
              inodeNr,
              size,
              XattrEntry.hash(memory, entry)));
      entry += XattrEntry.entryBytes(memory, entry);
    }
  }

  boolean isEmpty() {
    return attributes.isEmpty();
  }

  @Nullable Attribute find(int nameIndex, byte[] name) {
    for (Attribute attribute : attributes) {
      if (attribute.isNamed(nameIndex, name)) {
        return attribute;
      }
    }
    return null;
  }

  /** Those whose values lie in inodes of their own. */
  List<Attribute> inInodes() {
    return attributes.stream().filter(attribute -> attribute.valueInodeNr != 0).toList();
  }

  boolean remove(int nameIndex, byte[] name) {
    return attributes.removeIf(attribute -> attribute.isNamed(nameIndex, name));
  }

  void add(Attribute attribute) {
    attributes.add(attribute);
  }

  /** Whether one more fits. */
  boolean fits(Attribute more, long roomBytes) {
    return usedBytes() + more.bytes() <= roomBytes;
  }

  /** What the list takes, with the mark at its end. */
  int usedBytes() {
    int used = END_BYTES;
    for (Attribute attribute : attributes) {
      used += attribute.bytes();
    }
    return used;
  }

  /** Writes the list into memory that is all zeroes: entries from the front, values at the end. */
  void write(MemorySegment memory, long first, long end, long valueBase, boolean block) {
    if (block) {
      attributes.sort(BLOCK_ORDER);
    }
    long entry = first;
    long values = end;
    for (Attribute attribute : attributes) {
      int padded = attribute.paddedBytes();
      values -= padded;
      MemorySegment.copy(
          attribute.value, 0, memory, ValueLayout.JAVA_BYTE, values, attribute.value.length);
      XattrEntry.write(
          memory,
          entry,
          attribute.nameIndex,
          attribute.name,
          attribute.value.length == 0 ? 0 : (int) (values - valueBase),
          attribute.valueInodeNr,
          attribute.valueBytes);
      if (attribute.valueInodeNr != 0) {
        XattrEntry.hash(memory, entry, attribute.hash);
      } else if (block) {
        XattrEntry.hash(memory, entry, XattrHash.of(memory, entry, memory.asSlice(values, padded)));
      }
      entry += XattrEntry.entryBytesFor(attribute.name.length);
    }
  }
}
