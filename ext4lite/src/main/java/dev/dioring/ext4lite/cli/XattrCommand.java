package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows extended attributes in the format of getfattr. */
@Command(
    name = "xattr",
    description = "Show the extended attributes of a file of an image.",
    mixinStandardHelpOptions = true)
final class XattrCommand implements Callable<Integer> {
  @ParentCommand private Main main = Main.detached();

  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Option(names = "-n", paramLabel = "NAME", description = "Print this one's value as it is.")
  private @Nullable String name;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Image file or block device.")
  private Path image = Path.of("");

  @Parameters(index = "1", paramLabel = "PATH", description = "Path in the image.")
  private String path = "";

  @Override
  public Integer call() throws IOException {
    try (Ext4Volume volume = imageOptions.openReadOnly(image);
        Output out = main.output()) {
      Ext4Inode inode = volume.resolve(path, false);
      if (name != null) {
        out.bytes(value(inode, name));
        return ExitStatus.OK;
      }
      for (String attribute : inode.xattrNames()) {
        out.line(attribute + "=" + display(value(inode, attribute)));
      }
    }
    return ExitStatus.OK;
  }

  private byte[] value(Ext4Inode inode, String attribute) throws IOException {
    byte[] value = inode.xattr(attribute);
    if (value == null) {
      throw new CliException(ExitStatus.NO_INPUT, path + " has no attribute " + attribute);
    }
    return value;
  }

  /** Text in quotes where it is printable ASCII, else hexadecimal. */
  private static String display(byte[] value) {
    StringBuilder text = new StringBuilder("\"");
    for (byte b : value) {
      if (b < ' ' || b == '"' || b == '\\' || b == 0x7f) {
        return "0x" + HexFormat.of().formatHex(value);
      }
      text.append((char) b);
    }
    return text.append('"').toString();
  }
}
