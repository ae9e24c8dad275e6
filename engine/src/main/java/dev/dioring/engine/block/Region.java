package dev.dioring.engine.block;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.PartitionTable.Partition;

/** Which part of a file or device is opened. */
public sealed interface Region {
  /** All of it. */
  Region WHOLE = new From(0);

  /** What starts at a byte and goes on to the end. */
  record From(long startBytes) implements Region {
    @Override
    public BlockDevice of(BlockDevice whole) throws BlockIoException {
      if (startBytes == 0) {
        return whole;
      }
      return window(whole, "offset " + startBytes, startBytes, Long.MAX_VALUE);
    }
  }

  /** A partition by its number, as the kernel and fdisk count them. */
  record Numbered(int number) implements Region {
    @Override
    public BlockDevice of(BlockDevice whole) throws BlockIoException {
      boolean done = false;
      try {
        Partition found = PartitionTable.read(new BlockIo(whole)).find(number);
        done = true;
        return window(whole, "partition " + number, found.startBytes(), found.lengthBytes());
      } finally {
        if (!done) {
          whole.close();
        }
      }
    }
  }

  /**
   * The part as a device of its own; the whole is closed with it, or now if there is no such part.
   *
   * @throws BlockIoException EINVAL, or why the table of partitions cannot be read
   */
  BlockDevice of(BlockDevice whole) throws BlockIoException;

  private static BlockDevice window(BlockDevice whole, String what, long start, long lengthMax)
      throws BlockIoException {
    long size = whole.geometry().sizeBytes();
    int unit = whole.geometry().offsetAlignmentBytes();
    String wrong = "";
    if (start < 0 || start >= size) {
      wrong = "it starts at byte " + start + ", the image has " + size;
    } else if (start % unit != 0) {
      wrong = "its start, byte " + start + ", is not a multiple of " + unit + ": open it buffered";
    }
    if (!wrong.isEmpty()) {
      whole.close();
      throw new BlockIoException("opening " + what + " of", whole.name(), Errno.EINVAL, wrong);
    }
    return new WindowBlockDevice(whole, what, start, Math.min(lengthMax, size - start));
  }
}
