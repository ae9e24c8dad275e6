package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Changes permissions. */
@Command(
    name = "chmod",
    description = "Change the permissions of files in an image.",
    mixinStandardHelpOptions = true)
final class ChmodCommand extends ChangeCommand {
  private static final int OCTAL = 8;
  private static final int MODE_MAX = 07777;

  @Parameters(index = "1", paramLabel = "MODE", description = "In octal, such as 0644.")
  private String mode = "";

  @Parameters(index = "2..*", paramLabel = "PATH", arity = "1..*", description = "Paths in it.")
  private List<String> paths = List.of();

  @Override
  void change(Ext4Volume volume) throws IOException {
    AttributeChange change = AttributeChange.NONE.withMode(bits());
    for (String path : paths) {
      volume.namespace().change(volume.resolve(path).inodeNr(), change);
    }
  }

  private int bits() {
    try {
      int bits = Integer.parseInt(mode, OCTAL);
      if (bits >= 0 && bits <= MODE_MAX) {
        return bits;
      }
    } catch (NumberFormatException e) {
      // Said below, like a number that is no mode.
    }
    throw new CliException(ExitStatus.USAGE, mode + " is no mode in octal");
  }
}
