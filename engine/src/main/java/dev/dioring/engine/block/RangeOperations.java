package dev.dioring.engine.block;

import dev.dioring.bindings.Statx;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How one device discards and zeroes ranges: each way is tried until the kernel refuses it, and
 * then the next one is. Confined to one thread.
 */
final class RangeOperations {
  /** Ways to discard, best first. */
  enum Discard {
    /** A command to the block layer through the ring; Linux 6.12. */
    COMMAND,
    /** fallocate: on a raw device this zeroes too, and some that discard cannot do that. */
    PUNCH_HOLE,
    /** The ioctl, which blocks. */
    IOCTL,
    NONE
  }

  /** Ways to zero, best first. */
  enum Zero {
    ZERO_RANGE,
    /** A hole reads as zeroes; tmpfs has holes but no zero ranges. */
    PUNCH_HOLE,
    /** Zeroes are transferred. */
    WRITE
  }

  private static final int ZEROES_BYTES = 1 << 18;
  private static final int PAGE_BYTES = 4096;

  private Discard discard;
  private Zero zero = Zero.ZERO_RANGE;
  private final boolean raw;
  private final Arena arena;
  private MemorySegment zeroes = MemorySegment.NULL;

  RangeOperations(int fd, boolean ringHasCommands, Arena arena) {
    this.arena = arena;
    raw = Statx.of(arena, fd).isBlockDevice();
    discard = raw && ringHasCommands ? Discard.COMMAND : Discard.PUNCH_HOLE;
  }

  Discard discard() {
    return discard;
  }

  Zero zero() {
    return zero;
  }

  /** The kernel refused one way to discard. @return whether there is another */
  boolean discardRefused(Discard refused) {
    if (refused == discard) {
      discard =
          switch (refused) {
            case COMMAND -> Discard.PUNCH_HOLE;
            case PUNCH_HOLE -> raw ? Discard.IOCTL : Discard.NONE;
            case IOCTL, NONE -> Discard.NONE;
          };
    }
    return discard != Discard.NONE;
  }

  /** The kernel refused one way to zero. @return whether there is another */
  boolean zeroRefused(Zero refused) {
    if (refused == zero && refused != Zero.WRITE) {
      zero = refused == Zero.ZERO_RANGE ? Zero.PUNCH_HOLE : Zero.WRITE;
    }
    return refused != Zero.WRITE;
  }

  /** Memory full of zeroes, aligned for any device. */
  MemorySegment zeroes() {
    if (zeroes.byteSize() == 0) {
      zeroes = arena.allocate(ZEROES_BYTES, PAGE_BYTES);
    }
    return zeroes;
  }
}
