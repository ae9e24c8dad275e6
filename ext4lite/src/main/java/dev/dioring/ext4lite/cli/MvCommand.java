package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Renames a file, or moves it into a directory. */
@Command(
    name = "mv",
    description = "Rename a file in an image, or move it into a directory.",
    mixinStandardHelpOptions = true)
final class MvCommand extends ChangeCommand {
  @Parameters(index = "1", paramLabel = "SOURCE", description = "Path in the image.")
  private String source = "";

  @Parameters(index = "2", paramLabel = "TARGET", description = "New path, or a directory.")
  private String target = "";

  @Override
  void change(Ext4Volume volume) throws IOException {
    NamedPlace from = NamedPlace.of(volume, source);
    NamedPlace to = NamedPlace.inOrAt(volume, target, from.text());
    volume.namespace().rename(from.parentNr(), from.name(), to.parentNr(), to.name(), 0);
  }
}
