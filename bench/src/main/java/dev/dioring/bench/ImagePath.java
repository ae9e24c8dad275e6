package dev.dioring.bench;

import java.nio.file.Path;

/**
 * A file in an image, written {@code IMAGE:/path}.
 *
 * @param path absolute, in the image
 */
record ImagePath(Path image, String path) {
  static ImagePath parse(String text) throws BenchException {
    int colon = text.lastIndexOf(":/");
    if (colon <= 0 || colon + 2 >= text.length()) {
      throw new BenchException(
          BenchException.USAGE,
          "--filename=" + text + " is not IMAGE:/PATH, which --ioengine=ext4 needs");
    }
    return new ImagePath(Path.of(text.substring(0, colon)), text.substring(colon + 1));
  }
}
