package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Lists directories, as ls does. */
@Command(
    name = "ls",
    description = {
      "List a directory or a file of an image.",
      "On a terminal, what is no printable text in names is shown as \\\\ and octal digits."
    },
    mixinStandardHelpOptions = true)
final class LsCommand implements Callable<Integer> {
  @ParentCommand private Main main = Main.detached();

  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Option(names = "-l", description = "Show mode, links, owner, size, time and link target.")
  private boolean details;

  @Option(names = "-R", description = "List directories below it too.")
  private boolean recursive;

  @Option(names = "-a", description = "Show . and .. too.")
  private boolean all;

  @Option(names = "-U", description = "Do not sort; list in the directory's own order.")
  private boolean unsorted;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Image file or block device.")
  private Path image = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "PATH",
      arity = "0..1",
      defaultValue = "/",
      description = "Path in the image (default: /).")
  private String path = "/";

  @Override
  public Integer call() throws IOException {
    try (Ext4Volume volume = imageOptions.openReadOnly(image);
        Output out = main.output()) {
      LsFormat format =
          json ? new LsJson(volume, out) : details ? new LsLong(volume, out) : new LsShort(out);
      Listing listing = new Listing(main, volume, format, unsorted, all);
      listing.list(path, volume.resolve(path, !details), recursive);
      format.end();
      return listing.exitStatus();
    }
  }
}
