package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Writes a file's content to standard output. */
@Command(
    name = "cat",
    description = "Write the content of a file of an image to standard output.",
    mixinStandardHelpOptions = true)
final class CatCommand implements Callable<Integer> {
  @ParentCommand private Main main = Main.detached();

  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Image file or block device.")
  private Path image = Path.of("");

  @Parameters(index = "1", paramLabel = "PATH", description = "Path in the image.")
  private String path = "";

  @Override
  public Integer call() throws IOException {
    try (Ext4Volume volume = imageOptions.openReadOnly(image);
        Output out = main.output()) {
      new FileCopy(volume).read(volume.resolve(path, true), () -> out::bytes);
    }
    return ExitStatus.OK;
  }
}
