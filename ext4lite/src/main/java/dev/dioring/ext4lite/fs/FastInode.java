package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What fast commits make of one inode, next to what it is without them. */
final class FastInode {
  /**
   * Where a range of file blocks lies.
   *
   * @param startBlockNr 0 for a hole
   * @param unwritten whether it reads as zeroes
   */
  record Range(long fileBlockNr, long lengthBlocks, long startBlockNr, boolean unwritten) {
    long endFileBlockNr() {
      return fileBlockNr + lengthBlocks;
    }

    boolean isHole() {
      return startBlockNr == 0;
    }

    /** The part of it from {@code from} to {@code end}, which lie in it. */
    Range part(long from, long end) {
      long start = isHole() ? 0 : startBlockNr + (from - fileBlockNr);
      return new Range(from, end - from, start, unwritten);
    }
  }

  private final long inodeNr;

  /** A copy of the inode as it is, or null if the number is free. */
  private final @Nullable Inode base;

  private final boolean orphan;
  private final TreeMap<Long, Range> ranges = new TreeMap<>();
  private @Nullable Inode fields;
  private int fieldBytes;
  private boolean another;

  /** Names, of directories here, of others as the inode counts them. */
  private int links;

  FastInode(long inodeNr, @Nullable Inode base, boolean orphan) {
    this.inodeNr = inodeNr;
    this.base = base;
    this.orphan = orphan;
    if (base != null) {
      links = isDirectory() ? 1 : base.linksCount();
    }
  }

  long inodeNr() {
    return inodeNr;
  }

  /** Whether the number is in use without the fast commits. */
  boolean wasInUse() {
    return base != null;
  }

  /** Whether {@link OrphanCleanup} will see to it. */
  boolean isOrphan() {
    return orphan;
  }

  /** Whether the number belongs to a file now that is not the one it belonged to. */
  boolean isNew() {
    return base == null || another;
  }

  /** Whether anything is known of it at all. */
  boolean exists() {
    return base != null || fields != null;
  }

  /** Its fields, as they will be but for links, blocks and attributes; null if none were logged. */
  @Nullable Inode fields() {
    return fields;
  }

  /** How many bytes of its fields were logged. */
  int fieldBytes() {
    return fieldBytes;
  }

  int links() {
    return links;
  }

  @Nullable FileKind kind() {
    Inode known = fields != null ? fields : base;
    return known == null ? null : known.kind();
  }

  boolean isDirectory() {
    return kind() == FileKind.DIRECTORY;
  }

  /** Whether it is a directory without the fast commits. */
  boolean wasDirectory() {
    return base != null && base.kind() == FileKind.DIRECTORY;
  }

  /** Whether the number was in use, and belongs to another file now. */
  boolean isReused() {
    return base != null && another;
  }

  /** Ranges that lie elsewhere now, in the order of the file. */
  Iterable<Range> ranges() {
    return ranges.values();
  }

  boolean hasRanges() {
    return !ranges.isEmpty();
  }

  /**
   * Fields were logged.
   *
   * @param recordBytes size of an inode on the volume
   */
  void fields(byte[] logged, int recordBytes) {
    byte[] record = new byte[recordBytes];
    fieldBytes = Math.min(logged.length, recordBytes);
    System.arraycopy(logged, 0, record, 0, fieldBytes);
    Inode now = new Inode(MemorySegment.ofArray(record), 0, recordBytes);
    Inode known = fields != null ? fields : base;
    if (known != null && known.generation() != now.generation()) {
      another = base != null;
      ranges.clear();
      links = 0;
    }
    fields = now;
    if (!isDirectory()) {
      links = now.linksCount();
    }
  }

  /** It was made with one name. */
  void created() {
    links = 1;
  }

  void named() {
    links++;
  }

  void unnamed() {
    links = Math.max(0, links - 1);
  }

  /** A range lies elsewhere now, whatever was said of parts of it before. */
  void range(Range now) {
    long from = now.fileBlockNr();
    long end = now.endFileBlockNr();
    Map.Entry<Long, Range> before = ranges.lowerEntry(from);
    if (before != null && before.getValue().endFileBlockNr() > from) {
      cut(before.getValue(), from, end);
    }
    Map.Entry<Long, Range> inside = ranges.ceilingEntry(from);
    while (inside != null && inside.getKey() < end) {
      cut(inside.getValue(), from, end);
      inside = ranges.ceilingEntry(from);
    }
    ranges.put(from, now);
  }

  private void cut(Range old, long from, long end) {
    ranges.remove(old.fileBlockNr());
    if (old.fileBlockNr() < from) {
      ranges.put(old.fileBlockNr(), old.part(old.fileBlockNr(), from));
    }
    if (old.endFileBlockNr() > end) {
      ranges.put(end, old.part(end, old.endFileBlockNr()));
    }
  }
}
