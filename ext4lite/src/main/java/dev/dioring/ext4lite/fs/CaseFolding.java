package dev.dioring.ext4lite.fs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;

/**
 * Names in directories that ignore case (casefold): two are equal if they are once they are
 * decomposed and folded by Unicode 12.1. For ASCII that is known exactly here. For the rest this
 * JVM's own tables are good enough to look a name up, but not to decide that one is new.
 */
final class CaseFolding {
  private CaseFolding() {}

  static boolean isAscii(byte[] name) {
    int bits = 0;
    for (byte b : name) {
      bits |= b;
    }
    return bits >= 0;
  }

  /** A name of ASCII in the form that is hashed. */
  static byte[] foldAscii(byte[] name) {
    byte[] folded = name.clone();
    for (int i = 0; i < folded.length; i++) {
      if (folded[i] >= 'A' && folded[i] <= 'Z') {
        folded[i] = (byte) (folded[i] + ('a' - 'A'));
      }
    }
    return folded;
  }

  /** Whether two names are surely equal. */
  static boolean equalSurely(byte[] one, byte[] other) {
    return Arrays.equals(one, other)
        || (one.length == other.length
            && isAscii(one)
            && isAscii(other)
            && Arrays.equals(foldAscii(one), foldAscii(other)));
  }

  /** Whether two names are equal as far as this JVM can tell. */
  static boolean equal(byte[] one, byte[] other) {
    if (isAscii(one) && isAscii(other)) {
      return equalSurely(one, other);
    }
    try {
      return fold(one).equals(fold(other));
    } catch (CharacterCodingException e) {
      // What is no UTF-8 is compared byte by byte.
      return Arrays.equals(one, other);
    }
  }

  private static String fold(byte[] name) throws CharacterCodingException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    String upper = Normalizer.normalize(text, Normalizer.Form.NFD).toUpperCase(Locale.ROOT);
    StringBuilder folded = new StringBuilder();
    upper
        .codePoints()
        .filter(c -> !isIgnorable(c))
        .map(Character::toLowerCase)
        .forEach(folded::appendCodePoint);
    return Normalizer.normalize(folded, Normalizer.Form.NFD);
  }

  /** Default_Ignorable_Code_Point, which folding drops. */
  private static boolean isIgnorable(int c) {
    return c == 0xad
        || c == 0x34f
        || c == 0x61c
        || c == 0x115f
        || c == 0x1160
        || c == 0x3164
        || c == 0xfeff
        || c == 0xffa0
        || (c >= 0x17b4 && c <= 0x17b5)
        || (c >= 0x180b && c <= 0x180e)
        || (c >= 0x200b && c <= 0x200f)
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2060 && c <= 0x206f)
        || (c >= 0xfe00 && c <= 0xfe0f)
        || (c >= 0xfff0 && c <= 0xfff8)
        || (c >= 0x1bca0 && c <= 0x1bca3)
        || (c >= 0x1d173 && c <= 0x1d17a)
        || (c >= 0xe0000 && c <= 0xe0fff);
  }
}
