package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.DirectoryCursor;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists directories, as ls does. */
@Command(
    name = "ls",
    description = "List a directory or a file of an image.",
    mixinStandardHelpOptions = true)
final class LsCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());

  /** A name as it is on disk, and the inode it leads to. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(byte[] name, String decoded, long inodeNr) {}

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

  @Parameters(index = "1", paramLabel = "PATH", arity = "0..1", defaultValue = "/")
  private String path = "/";

  private final ArrayNode report = JsonNodeFactory.instance.arrayNode();

  @Override
  public Integer call() throws IOException {
    try (Ext4Volume volume = imageOptions.openReadOnly(image);
        Output out = new Output()) {
      Ext4Inode start = volume.resolve(path, !details);
      if (start.isDirectory()) {
        list(volume, out, path, start, recursive);
      } else {
        print(
            volume,
            out,
            path,
            new Entry(path.getBytes(StandardCharsets.UTF_8), path, start.inodeNr()));
      }
      if (json) {
        out.json(report);
      }
    }
    return ExitStatus.OK;
  }

  private void list(Ext4Volume volume, Output out, String at, Ext4Inode directory, boolean heading)
      throws IOException {
    List<Entry> entries = read(directory);
    if (heading && !json) {
      out.line(at + ":");
    }
    List<Entry> below = new ArrayList<>();
    for (Entry entry : entries) {
      boolean dots = entry.decoded.equals(".") || entry.decoded.equals("..");
      if (!dots || all) {
        print(volume, out, at, entry);
      }
      if (recursive && !dots && volume.inode(entry.inodeNr).isDirectory()) {
        below.add(entry);
      }
    }
    for (Entry entry : below) {
      if (!json) {
        out.line("");
      }
      String name = at.endsWith("/") ? at + entry.decoded : at + "/" + entry.decoded;
      list(volume, out, name, volume.inode(entry.inodeNr), true);
    }
  }

  private List<Entry> read(Ext4Inode directory) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryCursor cursor = directory.openDirectory()) {
      while (cursor.next()) {
        entries.add(new Entry(cursor.nameBytes(), cursor.name(), cursor.inodeNr()));
      }
    }
    if (!unsorted) {
      entries.sort((a, b) -> Arrays.compareUnsigned(a.name, b.name));
    }
    return entries;
  }

  private void print(Ext4Volume volume, Output out, String directory, Entry entry)
      throws IOException {
    if (json) {
      report.add(describe(volume, directory, entry));
      return;
    }
    if (!details) {
      out.bytes(entry.name).line("");
      return;
    }
    Ext4Inode inode = volume.inode(entry.inodeNr);
    String size =
        InodeReport.isDevice(inode)
            ? inode.deviceMajor() + ", " + inode.deviceMinor()
            : Long.toString(inode.sizeBytes());
    out.text(
            String.format(
                "%s %3d %5d %5d %10s %s ",
                ModeString.of(inode),
                inode.linksCount(),
                inode.uid(),
                inode.gid(),
                size,
                TIME.format(inode.modificationTime())))
        .bytes(entry.name);
    if (inode.kind() == FileKind.SYMLINK) {
      out.text(" -> " + inode.readSymlink());
    }
    out.line("");
  }

  private static ObjectNode describe(Ext4Volume volume, String directory, Entry entry)
      throws IOException {
    Ext4Inode inode = volume.inode(entry.inodeNr);
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("directory", directory);
    node.put("name", entry.decoded);
    InodeReport.fill(node, inode);
    return node;
  }
}
