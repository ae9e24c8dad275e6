package dev.dioring.ext4lite.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** File names as people can read them: names may hold any bytes, and terminals obey some. */
final class NameText {
  private NameText() {}

  /** Whether a name is text in UTF-8. */
  static boolean isText(byte[] name) {
    String text = new String(name, StandardCharsets.UTF_8);
    return Arrays.equals(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The name with control characters and bytes that are no text as backslash and octal digits. */
  static String escaped(byte[] name) {
    StringBuilder escaped = new StringBuilder(name.length);
    if (!isText(name)) {
      for (byte b : name) {
        append(escaped, b, b < 0);
      }
      return escaped.toString();
    }
    new String(name, StandardCharsets.UTF_8)
        .codePoints()
        .forEach(
            point -> {
              if (point < 0x80) {
                append(escaped, (byte) point, false);
              } else if (isInvisible(point)) {
                for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
                  append(escaped, b, true);
                }
              } else {
                escaped.appendCodePoint(point);
              }
            });
    return escaped.toString();
  }

  private static boolean isInvisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  private static void append(StringBuilder escaped, byte b, boolean always) {
    if (b == '\\') {
      escaped.append("\\\\");
    } else if (always || (b >= 0 && b < ' ') || b == 0x7f) {
      escaped.append('\\');
      for (int shift = 6; shift >= 0; shift -= 3) {
        escaped.append((char) ('0' + ((b & 0xff) >>> shift & 7)));
      }
    } else {
      escaped.append((char) b);
    }
  }
}
