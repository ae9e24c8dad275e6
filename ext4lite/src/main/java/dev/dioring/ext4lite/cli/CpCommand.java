package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Copies a file out of an image, or into a file that an image has already. */
@Command(
    name = "cp",
    description = {
      "Copy a regular file out of an image or into it.",
      "One side is IMAGE:/path. A file in the image is written only if it exists and is not longer"
          + " than the source; an image with a journal cannot be written yet."
    },
    mixinStandardHelpOptions = true)
final class CpCommand implements Callable<Integer> {
  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Parameters(index = "0", paramLabel = "SOURCE", description = "A file, or IMAGE:/path.")
  private String source = "";

  @Parameters(index = "1", paramLabel = "TARGET", description = "A file, or IMAGE:/path.")
  private String target = "";

  /** A path inside an image. */
  private record InImage(Path image, String path) {
    /** Splits IMAGE:/path; null if the argument names an ordinary file. */
    static @org.jspecify.annotations.Nullable InImage parse(String argument) {
      int colon = argument.indexOf(":/");
      if (colon <= 0 || Files.exists(Path.of(argument))) {
        return null;
      }
      return new InImage(Path.of(argument.substring(0, colon)), argument.substring(colon + 1));
    }
  }

  @Override
  public Integer call() throws IOException {
    InImage from = InImage.parse(source);
    InImage to = InImage.parse(target);
    if (from != null && to == null) {
      copyOut(from);
    } else if (from == null && to != null) {
      copyIn(to);
    } else {
      throw new CliException(
          ExitStatus.USAGE, "exactly one of SOURCE and TARGET must be IMAGE:/path");
    }
    return ExitStatus.OK;
  }

  private void copyOut(InImage from) throws IOException {
    Path file = Path.of(target);
    if (Files.isDirectory(file)) {
      file = file.resolve(from.path.substring(from.path.lastIndexOf('/') + 1));
    }
    try (Ext4Volume volume = imageOptions.openReadOnly(from.image)) {
      Ext4Inode inode = volume.resolve(from.path, true);
      try (OutputStream out = Files.newOutputStream(file)) {
        new FileCopy(volume).read(inode, (bytes, length) -> out.write(bytes, 0, length));
      }
    }
  }

  private void copyIn(InImage to) throws IOException {
    Path file = Path.of(source);
    try (InputStream in = Files.newInputStream(file);
        Ext4Volume volume = imageOptions.openReadWrite(to.image)) {
      Ext4Inode inode = volume.resolve(to.path, true);
      new FileCopy(volume).write(inode, in, Files.size(file));
    }
  }
}
