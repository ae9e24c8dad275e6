package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies a file out of an image, or files into one. */
@Command(
    name = "cp",
    description = {
      "Copy a regular file out of an image, or files into it.",
      "One side is IMAGE:/path. What is copied in keeps its mode, owner and time."
    },
    mixinStandardHelpOptions = true)
final class CpCommand implements Callable<Integer> {
  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Option(names = "-r", description = "Copy directories and symbolic links into the image too.")
  private boolean recursive;

  @Parameters(index = "0", paramLabel = "SOURCE", description = "A file, or IMAGE:/path.")
  private String source = "";

  @Parameters(index = "1", paramLabel = "TARGET", description = "A file, or IMAGE:/path.")
  private String target = "";

  /** A path inside an image. */
  private record InImage(Path image, String path) {
    /**
     * Splits IMAGE:/path; null if the argument names an ordinary file. Both parts may hold colons:
     * the image ends at the first that leaves the name of something that exists.
     */
    static @Nullable InImage parse(String argument) {
      int first = argument.indexOf(":/");
      if (first <= 0 || Files.exists(Path.of(argument))) {
        return null;
      }
      for (int colon = first; colon > 0; colon = argument.indexOf(":/", colon + 1)) {
        InImage split = at(argument, colon);
        if (Files.exists(split.image) && !Files.isDirectory(split.image)) {
          return split;
        }
      }
      return at(argument, first);
    }

    private static InImage at(String argument, int colon) {
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
    if (Files.isDirectory(file)) {
      throw new CliException(ExitStatus.CANT_CREATE, file + " is a directory");
    }
    requireOther(from.image, file);
    Path to = file;
    try (Ext4Volume volume = imageOptions.openReadOnly(from.image);
        OutFile out = new OutFile(to)) {
      Ext4Inode inode = volume.resolve(from.path, true);
      new FileCopy(volume).read(inode, out::open);
      out.end();
    }
  }

  private void copyIn(InImage to) throws IOException {
    Path file = Path.of(source);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new CliException(ExitStatus.NO_INPUT, file + ": no such file");
    }
    if (!recursive && !Files.isRegularFile(file)) {
      throw new CliException(ExitStatus.NO_INPUT, file + " is not a regular file");
    }
    requireOther(to.image, file);
    try (Ext4Volume volume = imageOptions.openReadWrite(to.image)) {
      ChangeCommand.requireWritable(volume);
      String name = String.valueOf(file.toAbsolutePath().normalize().getFileName());
      NamedPlace place = NamedPlace.inOrAt(volume, to.path, name);
      new TreeCopy(volume).copy(file, place.parentNr(), place.name(), recursive);
    }
  }

  private static void requireOther(Path image, Path file) throws IOException {
    if (Files.exists(file) && Files.exists(image) && Files.isSameFile(image, file)) {
      throw new CliException(ExitStatus.USAGE, file + " is the image itself");
    }
  }
}
