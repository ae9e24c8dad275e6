package dev.dioring.ext4lite.crash;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file may hold after a cut: of each block the last version that was durable before it, or
 * any later one that was begun. The same for sizes. Moments are events of the recorded device.
 */
final class Oracle {
  private static final int NEVER = Integer.MAX_VALUE;

  /** The version of a block that holds nothing but zeroes. */
  private static final int ZEROES = 0;

  /** A content of a block, or a size. */
  private static final class Version {
    final long value;
    final int begun;
    boolean ended;
    int durable = NEVER;

    Version(long value, int begun) {
      this.value = value;
      this.begun = begun;
    }
  }

  private final int file;
  private final int blockBytes;
  private final List<List<Version>> blocks = new ArrayList<>();
  private final List<Version> sizes = new ArrayList<>();

  Oracle(int file, int blockBytes, int blocksMax) {
    this.file = file;
    this.blockBytes = blockBytes;
    for (int i = 0; i < blocksMax; i++) {
      blocks.add(new ArrayList<>());
    }
  }

  /** Reads what {@link #write} has written. */
  static Oracle read(DataInput in) throws IOException {
    Oracle oracle = new Oracle(in.readInt(), in.readInt(), in.readInt());
    for (List<Version> versions : oracle.blocks) {
      readVersions(in, versions);
    }
    readVersions(in, oracle.sizes);
    return oracle;
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(file);
    out.writeInt(blockBytes);
    out.writeInt(blocks.size());
    for (List<Version> versions : blocks) {
      writeVersions(out, versions);
    }
    writeVersions(out, sizes);
  }

  private static void readVersions(DataInput in, List<Version> versions) throws IOException {
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      Version version = new Version(in.readLong(), in.readInt());
      version.durable = in.readInt();
      versions.add(version);
    }
  }

  private static void writeVersions(DataOutput out, List<Version> versions) throws IOException {
    out.writeInt(versions.size());
    for (Version version : versions) {
      out.writeLong(version.value);
      out.writeInt(version.begun);
      out.writeInt(version.durable);
    }
  }

  int file() {
    return file;
  }

  int blocksMax() {
    return blocks.size();
  }

  /** A write of a block begins. @return the version to stamp it with */
  int begin(int blockNr, int event) {
    List<Version> versions = blocks.get(blockNr);
    versions.add(new Version(versions.size() + 1, event));
    return versions.size();
  }

  /** Blocks begin to become zeroes: they are cut off, or a hole is made. */
  void beginZeroes(int fromBlockNr, int endBlockNr, int event) {
    for (int blockNr = fromBlockNr; blockNr < endBlockNr; blockNr++) {
      blocks.get(blockNr).add(new Version(ZEROES, event));
    }
  }

  void endZeroes(int fromBlockNr, int endBlockNr) {
    for (int blockNr = fromBlockNr; blockNr < endBlockNr; blockNr++) {
      end(blockNr);
    }
  }

  /** The last write of a block has ended. */
  void end(int blockNr) {
    blocks.get(blockNr).getLast().ended = true;
  }

  /** The last write of a block was durable when it ended, and what it did to the size too. */
  void endDurably(int blockNr, int event) {
    end(blockNr);
    settle(blocks.get(blockNr), event);
  }

  /** The size begins to change, at the latest when what changes it has ended. */
  void resize(long sizeBytes, int event) {
    sizes.add(new Version(sizeBytes, event));
  }

  /** The size after all changes that have begun. */
  long sizeBytes() {
    return sizes.isEmpty() ? 0 : sizes.getLast().value;
  }

  /** The last change of the size has ended. */
  void resized() {
    sizes.getLast().ended = true;
  }

  /** A sync that began when all that has ended had ended is done. */
  void synced(int event) {
    blocks.forEach(versions -> settle(versions, event));
    settle(sizes, event);
  }

  /**
   * Checks what was found after a cut.
   *
   * @return what is wrong, or null
   */
  @Nullable String check(MemorySegment content, int cut) {
    long size = content.byteSize();
    int sure = lastDurable(sizes, cut);
    long least = sure < 0 ? 0 : sizes.get(sure).value;
    boolean lawful = size == least;
    for (int i = sure + 1; i < sizes.size(); i++) {
      lawful |= sizes.get(i).begun < cut && sizes.get(i).value == size;
    }
    if (!lawful) {
      return "file " + file + " has " + size + " bytes, " + least + " were durable";
    }
    for (long at = 0; at + Stamp.SECTOR_BYTES <= size; at += Stamp.SECTOR_BYTES) {
      int blockNr = (int) (at / blockBytes);
      int index = (int) (at % blockBytes / Stamp.SECTOR_BYTES);
      MemorySegment sector = content.asSlice(at, Stamp.SECTOR_BYTES);
      String wrong = check(sector, blockNr, index, cut);
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private @Nullable String check(MemorySegment sector, int blockNr, int index, int cut) {
    List<Version> versions = blockNr < blocks.size() ? blocks.get(blockNr) : List.of();
    int sure = lastDurable(versions, cut);
    for (int i = Math.max(0, sure); i < versions.size(); i++) {
      Version version = versions.get(i);
      if ((i == sure || version.begun < cut)
          && Stamp.matches(sector, file, blockNr, index, (int) version.value)) {
        return null;
      }
    }
    if (sure < 0 && Stamp.matches(sector, file, blockNr, index, ZEROES)) {
      return null;
    }
    return "file "
        + file
        + " block "
        + blockNr
        + " sector "
        + index
        + ": "
        + Stamp.describe(sector)
        + (sure < 0 ? ", nothing was durable" : ", version " + (sure + 1) + " was durable");
  }

  private static int lastDurable(List<Version> versions, int cut) {
    for (int i = versions.size() - 1; i >= 0; i--) {
      if (versions.get(i).durable <= cut) {
        return i;
      }
    }
    return -1;
  }

  private static void settle(List<Version> versions, int event) {
    for (Version version : versions) {
      if (version.ended && version.durable == NEVER) {
        version.durable = event;
      }
    }
  }
}
