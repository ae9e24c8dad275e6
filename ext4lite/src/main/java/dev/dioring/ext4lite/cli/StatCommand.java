package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows an inode, as stat does; a symbolic link is shown itself. */
@Command(
    name = "stat",
    description = "Show what an image's inode says of a file.",
    mixinStandardHelpOptions = true)
final class StatCommand implements Callable<Integer> {
  private static final int PERMISSIONS = 07777;

  @ParentCommand private Main main = Main.detached();

  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Image file or block device.")
  private Path image = Path.of("");

  @Parameters(index = "1", paramLabel = "PATH", description = "Path in the image.")
  private String path = "";

  @Override
  public Integer call() throws IOException {
    try (Ext4Volume volume = imageOptions.openReadOnly(image);
        Output out = main.output()) {
      Ext4Inode inode = volume.resolve(path, false);
      if (json) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("path", path);
        InodeReport.fill(node, inode);
        out.json(node);
      } else {
        print(out, inode);
      }
    }
    return ExitStatus.OK;
  }

  private void print(Output out, Ext4Inode inode) throws IOException {
    out.text("  File: ").name(path.getBytes(StandardCharsets.UTF_8));
    if (inode.kind() == FileKind.SYMLINK) {
      out.text(" -> ").name(inode.readSymlinkBytes());
    }
    out.line("");
    out.line(
        String.format(
            "  Size: %-15d Sectors: %-10d Kind: %s",
            inode.sizeBytes(),
            inode.sectors(),
            inode.kind().toString().toLowerCase(Locale.ROOT).replace('_', ' ')));
    out.line(
        String.format(
            " Inode: %-15d   Links: %-10d Generation: %d",
            inode.inodeNr(), inode.linksCount(), Integer.toUnsignedLong(inode.generation())));
    out.line(
        String.format(
            "  Mode: (%04o/%s)  Uid: %d  Gid: %d  Flags: 0x%x",
            inode.mode() & PERMISSIONS,
            ModeString.of(inode),
            inode.uid(),
            inode.gid(),
            inode.flags()));
    if (InodeReport.isDevice(inode)) {
      out.line("Device: " + inode.deviceMajor() + ":" + inode.deviceMinor());
    }
    out.line("Access: " + inode.accessTime());
    out.line("Modify: " + inode.modificationTime());
    out.line("Change: " + inode.changeTime());
    Instant created = inode.creationTime();
    out.line(" Birth: " + (created == null ? "-" : created.toString()));
  }
}
