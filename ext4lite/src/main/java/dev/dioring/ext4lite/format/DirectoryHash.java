package dev.dioring.ext4lite.format;

/**
 * The hash functions of indexed directories. A hash has 32 bits of which the lowest is always 0; it
 * is seeded per volume, and takes the bytes of a name as signed or unsigned, as the volume says,
 * because the first implementation's choice depended on the processor.
 */
public final class DirectoryHash {
  public static final int LEGACY = 0;
  public static final int HALF_MD4 = 1;
  public static final int TEA = 2;

  /** Of case-folded and encrypted names; needs a key. */
  public static final int SIPHASH = 6;

  /** Added to a version to say that bytes are unsigned. */
  private static final int UNSIGNED = 3;

  private static final int HALF_MD4_WORDS = 8;
  private static final int TEA_WORDS = 4;
  private static final int TEA_ROUNDS = 16;
  private static final int TEA_DELTA = 0x9e37_79b9;
  private static final int MD4_ROUND_2 = 0x5a82_7999;
  private static final int MD4_ROUND_3 = 0x6ed9_eba1;

  /** Marks the end of a directory in a seek position, so no name may hash to it. */
  private static final int END = 0xffff_fffe;

  private final int[] seed;
  private final boolean unsigned;

  private DirectoryHash(int[] seed, boolean unsigned) {
    this.seed = seed;
    this.unsigned = unsigned;
  }

  /** Takes seed and signedness from a superblock. */
  public static DirectoryHash of(Superblock superblock) {
    int[] seed = new int[4];
    int any = 0;
    for (int i = 0; i < seed.length; i++) {
      seed[i] = superblock.hashSeed(i);
      any |= seed[i];
    }
    if (any == 0) {
      seed = new int[] {0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476};
    }
    return new DirectoryHash(seed, (superblock.flags() & Superblock.FLAG_UNSIGNED_HASH) != 0);
  }

  /** Whether names of directories with this version of hash can be hashed. */
  public static boolean isKnown(int version) {
    return version >= LEGACY && version <= TEA + UNSIGNED;
  }

  /** The hash of a name, unsigned. */
  public long hash(int version, byte[] name) {
    return hashes(version, name) >>> Integer.SIZE;
  }

  /** The hash of a name in the upper half, and the minor hash that comes with it in the lower. */
  public long hashes(int version, byte[] name) {
    boolean unsignedBytes = unsigned || version >= UNSIGNED;
    long both =
        switch (version % UNSIGNED) {
          case LEGACY -> (long) legacy(name, unsignedBytes) << Integer.SIZE;
          case HALF_MD4 -> halfMd4(name, unsignedBytes);
          default -> tea(name, unsignedBytes);
        };
    int hash = (int) (both >>> Integer.SIZE) & ~1;
    return pair(hash == END ? END - 2 : hash, (int) both);
  }

  private static long pair(int high, int low) {
    return (long) high << Integer.SIZE | (low & 0xffff_ffffL);
  }

  private static int legacy(byte[] name, boolean unsigned) {
    int last = 0x37ab_e8f9;
    int hash = 0x12a3_fe2d;
    for (byte b : name) {
      int next = last + (hash ^ (value(b, unsigned) * 7152373));
      if (next < 0) {
        next -= 0x7fff_ffff;
      }
      last = hash;
      hash = next;
    }
    return hash << 1;
  }

  private long halfMd4(byte[] name, boolean unsigned) {
    int[] state = seed.clone();
    int[] words = new int[HALF_MD4_WORDS];
    for (int at = 0; at < name.length; at += HALF_MD4_WORDS * Integer.BYTES) {
      fill(words, name, at, unsigned);
      halfMd4Block(state, words);
    }
    return pair(state[1], state[2]);
  }

  /** The three rounds of MD4, each over eight words instead of sixteen. */
  private static void halfMd4Block(int[] state, int[] in) {
    int a = state[0];
    int b = state[1];
    int c = state[2];
    int d = state[3];
    for (int i = 0; i < 8; i += 4) {
      a = Integer.rotateLeft(a + choose(b, c, d) + in[i], 3);
      d = Integer.rotateLeft(d + choose(a, b, c) + in[i + 1], 7);
      c = Integer.rotateLeft(c + choose(d, a, b) + in[i + 2], 11);
      b = Integer.rotateLeft(b + choose(c, d, a) + in[i + 3], 19);
    }
    for (int i = 1; i >= 0; i--) {
      a = Integer.rotateLeft(a + majority(b, c, d) + in[i] + MD4_ROUND_2, 3);
      d = Integer.rotateLeft(d + majority(a, b, c) + in[i + 2] + MD4_ROUND_2, 5);
      c = Integer.rotateLeft(c + majority(d, a, b) + in[i + 4] + MD4_ROUND_2, 9);
      b = Integer.rotateLeft(b + majority(c, d, a) + in[i + 6] + MD4_ROUND_2, 13);
    }
    for (int i = 3; i >= 1; i -= 2) {
      a = Integer.rotateLeft(a + (b ^ c ^ d) + in[i] + MD4_ROUND_3, 3);
      d = Integer.rotateLeft(d + (a ^ b ^ c) + in[i + 4] + MD4_ROUND_3, 9);
      c = Integer.rotateLeft(c + (d ^ a ^ b) + in[i - 1] + MD4_ROUND_3, 11);
      b = Integer.rotateLeft(b + (c ^ d ^ a) + in[i + 3] + MD4_ROUND_3, 15);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }

  private long tea(byte[] name, boolean unsigned) {
    int high = seed[0];
    int low = seed[1];
    int[] key = new int[TEA_WORDS];
    for (int at = 0; at < name.length; at += TEA_WORDS * Integer.BYTES) {
      fill(key, name, at, unsigned);
      int v0 = high;
      int v1 = low;
      int sum = 0;
      for (int round = 0; round < TEA_ROUNDS; round++) {
        sum += TEA_DELTA;
        v0 += ((v1 << 4) + key[0]) ^ (v1 + sum) ^ ((v1 >>> 5) + key[1]);
        v1 += ((v0 << 4) + key[2]) ^ (v0 + sum) ^ ((v0 >>> 5) + key[3]);
      }
      high += v0;
      low += v1;
    }
    return pair(high, low);
  }

  /** Packs the next part of a name into words, big end first; what is missing is its length. */
  private static void fill(int[] words, byte[] name, int from, boolean unsigned) {
    int rest = name.length - from;
    int pair = rest | (rest << Byte.SIZE);
    int pad = pair | (pair << Short.SIZE);
    int end = Math.min(rest, words.length * Integer.BYTES);
    for (int i = 0; i < words.length; i++) {
      int word = pad;
      for (int at = i * Integer.BYTES; at < Math.min(end, (i + 1) * Integer.BYTES); at++) {
        word = value(name[from + at], unsigned) + (word << 8);
      }
      words[i] = word;
    }
  }

  private static int value(byte b, boolean unsigned) {
    return unsigned ? b & 0xff : b;
  }

  private static int choose(int x, int y, int z) {
    return z ^ (x & (y ^ z));
  }

  private static int majority(int x, int y, int z) {
    return (x & y) + ((x ^ y) & z);
  }
}
