package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.DirectoryEntry;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.HtreeNode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The names of a directory's block, but for the dots, taken out to be put into other blocks. */
final class LeafSplit {
  private static final class Entry {
    final byte[] name;
    final long inodeNr;
    final int typeCode;
    long hash;

    Entry(byte[] name, long inodeNr, int typeCode) {
      this.name = name;
      this.inodeNr = inodeNr;
      this.typeCode = typeCode;
    }

    int recordBytes() {
      return DirectoryEntry.recordBytesFor(name.length);
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  private final DirectoryLeaf leaf;
  private final int blockSizeBytes;

  private LeafSplit(DirectoryLeaf leaf, int blockSizeBytes) {
    this.leaf = leaf;
    this.blockSizeBytes = blockSizeBytes;
  }

  static LeafSplit gather(MemorySegment block, DirectoryLeaf leaf, int blockSizeBytes) {
    LeafSplit split = new LeafSplit(leaf, blockSizeBytes);
    long end = Math.min(leaf.endBytes(), block.byteSize());
    for (int at = 0; at < end; at += leaf.recordBytes(block, at)) {
      long inodeNr = DirectoryEntry.inodeNr(block, at);
      boolean dots =
          DirectoryEntry.isNamed(block, at, DirectoryLookup.DOT)
              || DirectoryEntry.isNamed(block, at, DirectoryLookup.DOT_DOT);
      if (inodeNr != 0 && !dots) {
        byte[] name = DirectoryEntry.name(block, at);
        split.entries.add(new Entry(name, inodeNr, DirectoryEntry.typeCode(block, at)));
      }
    }
    return split;
  }

  int count() {
    return entries.size();
  }

  void sort(DirectoryHash hash, int version, boolean folded) {
    for (Entry entry : entries) {
      byte[] name = folded ? CaseFolding.foldAscii(entry.name) : entry.name;
      entry.hash = hash.hash(version, name);
    }
    entries.sort(Comparator.comparingLong(entry -> entry.hash));
  }

  /** The entry where the upper half starts, by size; neither half is empty. */
  int middle() {
    int total = 0;
    for (Entry entry : entries) {
      total += entry.recordBytes();
    }
    int lower = 0;
    int at = 0;
    while (at < entries.size() - 1 && lower + entries.get(at).recordBytes() <= total / 2) {
      lower += entries.get(at).recordBytes();
      at++;
    }
    return Math.max(at, 1);
  }

  /** The hash an index entry for the entries from {@code from} on has. */
  long hashFrom(int from) {
    long hash = entries.get(from).hash;
    return entries.get(from - 1).hash == hash ? hash | HtreeNode.CONTINUED : hash;
  }

  /** Adds all entries to a leaf, which must have room for them. */
  void insert(MemorySegment block) {
    for (Entry entry : entries) {
      int room = leaf.findRoom(block, entry.name.length);
      leaf.insert(block, room, entry.name, entry.inodeNr, entry.typeCode);
    }
  }

  /** Puts entries into an empty leaf, packed. */
  void write(MemorySegment block, int from, int to) {
    int at = 0;
    for (int i = from; i < to; i++) {
      Entry entry = entries.get(i);
      int record = i == to - 1 ? leaf.endBytes() - at : entry.recordBytes();
      DirectoryEntry.write(
          block, at, entry.inodeNr, record, entry.name, entry.typeCode, blockSizeBytes);
      at += record;
    }
  }
}
