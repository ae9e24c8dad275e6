package dev.dioring.bench;

/**
 * The order in which a random job visits its blocks, as a pure function of the number of the visit:
 * nothing is stored, and any thread may ask.
 *
 * <p>With a map, each pass visits each block exactly once. The numbers up to the next power of two
 * are permuted by three rounds of an odd multiplication and a shifted xor, which are both
 * reversible, and results beyond the last block are permuted again until they fall inside.
 */
final class BlockOrder {
  private static final long ODD_1 = 0x9E3779B97F4A7C15L;
  private static final long ODD_2 = 0xD1B54A32D192ED03L;
  private static final long ODD_3 = 0xAEF17502108EF2D9L;

  private final long blocks;
  private final long seed;
  private final boolean map;
  private final long mask;
  private final int shift;

  BlockOrder(long blocks, long seed, boolean map) {
    this.blocks = blocks;
    this.seed = mix(seed);
    this.map = map;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(blocks - 1);
    mask = (1L << bits) - 1;
    shift = Math.max(1, bits / 2);
  }

  /** The block that a visit goes to, from 0. */
  long block(long visit) {
    if (!map) {
      return Math.unsignedMultiplyHigh(mix(visit + seed), blocks);
    }
    long within = visit;
    long key = seed;
    if (visit >= blocks) {
      within = visit % blocks;
      key = mix(seed + visit / blocks);
    }
    long at = within;
    do {
      at = (at * ODD_1 + key) & mask;
      at ^= at >>> shift;
      at = (at * ODD_2 + (key >>> 17)) & mask;
      at ^= at >>> shift;
      at = (at * ODD_3) & mask;
      at ^= at >>> shift;
    } while (at >= blocks);
    return at;
  }

  /** Spreads a number over 64 bits (the finalizer of splitmix64). */
  static long mix(long value) {
    long z = value + ODD_1;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
