package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets the size of files. */
@Command(
    name = "truncate",
    description = "Set the size of files in an image.",
    mixinStandardHelpOptions = true)
final class TruncateCommand extends ChangeCommand {
  @Option(names = "-s", required = true, paramLabel = "BYTES", description = "The new size.")
  private long sizeBytes;

  @Parameters(index = "1..*", paramLabel = "PATH", arity = "1..*", description = "Paths in it.")
  private List<String> paths = List.of();

  @Override
  void change(Ext4Volume volume) throws IOException {
    AttributeChange change = AttributeChange.NONE.withSizeBytes(sizeBytes);
    for (String path : paths) {
      volume.namespace().change(volume.resolve(path).inodeNr(), change);
    }
  }
}
