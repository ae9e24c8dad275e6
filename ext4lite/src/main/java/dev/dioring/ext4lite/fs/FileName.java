package dev.dioring.ext4lite.fs;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * File names between bytes, which they are on disk, and text. Names that are no UTF-8 survive the
 * way there and back: a byte that cannot be decoded becomes the lone surrogate U+DC00 + byte.
 */
final class FileName {
  private static final char ESCAPE = 0xdc00;

  private FileName() {}

  static String decode(byte[] name) {
    return decode(name, 0, name.length);
  }

  static String decode(byte[] bytes, int from, int length) {
    if (isAscii(bytes, from, length)) {
      return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, from, length);
    CharBuffer out = CharBuffer.allocate(length);
    CoderResult result = decoder.decode(in, out, true);
    while (result.isError()) {
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (ESCAPE + (in.get() & 0xff)));
      }
      result = decoder.decode(in, out, true);
    }
    return out.flip().toString();
  }

  static byte[] encode(String name) {
    boolean escaped = false;
    for (int i = 0; i < name.length(); i++) {
      escaped |= isEscape(name, i);
    }
    if (!escaped) {
      return name.getBytes(StandardCharsets.UTF_8);
    }
    ByteBuffer out = ByteBuffer.allocate(name.length() * 3);
    int from = 0;
    for (int i = 0; i < name.length(); i++) {
      if (isEscape(name, i)) {
        out.put(name.substring(from, i).getBytes(StandardCharsets.UTF_8));
        out.put((byte) (name.charAt(i) - ESCAPE));
        from = i + 1;
      }
    }
    out.put(name.substring(from).getBytes(StandardCharsets.UTF_8));
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /** Whether a lone surrogate stands for a byte; a pair is an ordinary character. */
  private static boolean isEscape(String name, int index) {
    char c = name.charAt(index);
    boolean pair = index > 0 && Character.isHighSurrogate(name.charAt(index - 1));
    return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff && !pair;
  }

  private static boolean isAscii(byte[] bytes, int from, int length) {
    int bits = 0;
    for (int i = from; i < from + length; i++) {
      bits |= bytes[i];
    }
    return bits >= 0;
  }
}
