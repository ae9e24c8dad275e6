package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dioring.engine.block.Capabilities;
import dev.dioring.engine.block.Geometry;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows an image's superblock, features and usage. */
@Command(
    name = "info",
    description = "Show an image's superblock, features and usage.",
    mixinStandardHelpOptions = true)
final class InfoCommand implements Callable<Integer> {
  private static final int LABEL_WIDTH = 18;

  @ParentCommand private Main main = Main.detached();

  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Image file or block device.")
  private Path image = Path.of("");

  @Override
  public Integer call() throws IOException {
    try (Ext4Volume volume = imageOptions.openReadOnly(image);
        Output out = main.output()) {
      if (json) {
        out.json(report(volume));
      } else {
        table(volume).forEach((label, value) -> out.line(pad(label) + value));
      }
      for (String warning : volume.warnings()) {
        main.tell(image + ": " + warning);
      }
    }
    return ExitStatus.OK;
  }

  private static ObjectNode report(Ext4Volume volume) throws IOException {
    Superblock superblock = volume.superblock();
    VolumeUsage usage = volume.usage();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", superblock.volumeName());
    node.put("uuid", superblock.uuid().toString());
    node.put("state", state(superblock));
    superblock.features().names().forEach(node.putArray("features")::add);
    node.put("blockSize", usage.blockSizeBytes());
    node.put("inodeSize", superblock.inodeSizeBytes());
    node.put("blockCount", superblock.blocksCount());
    node.put("blocks", usage.blocks());
    node.put("freeBlocks", usage.freeBlocks());
    node.put("availableBlocks", usage.availableBlocks());
    node.put("inodes", usage.inodes());
    node.put("freeInodes", usage.freeInodes());
    node.put("mountCount", superblock.usage().mountCount());
    node.put("created", Instant.ofEpochSecond(superblock.usage().mkfsTime()).toString());
    node.put("lastWritten", Instant.ofEpochSecond(superblock.usage().writeTime()).toString());
    node.put("writable", volume.whyNotWritable().isEmpty());
    node.put("readOnlyReason", volume.whyNotWritable());
    Capabilities capabilities = volume.device().capabilities();
    node.put("backend", capabilities.backend());
    node.put("backendReason", capabilities.reason());
    node.put("backendFeatures", capabilities.features());
    return node;
  }

  private static Map<String, String> table(Ext4Volume volume) throws IOException {
    Superblock superblock = volume.superblock();
    VolumeUsage usage = volume.usage();
    Geometry geometry = volume.device().geometry();
    Capabilities capabilities = volume.device().capabilities();
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("Volume name:", superblock.volumeName().isEmpty() ? "-" : superblock.volumeName());
    rows.put("UUID:", superblock.uuid().toString());
    rows.put("State:", state(superblock));
    rows.put("Features:", String.join(" ", superblock.features().names()));
    rows.put(
        "Size:",
        superblock.blocksCount()
            + " blocks of "
            + usage.blockSizeBytes()
            + " bytes, inodes of "
            + superblock.inodeSizeBytes());
    rows.put(
        "Blocks:",
        usage.blocks()
            + " for files, "
            + usage.freeBlocks()
            + " free, "
            + usage.availableBlocks()
            + " available");
    rows.put("Inodes:", usage.inodes() + ", " + usage.freeInodes() + " free");
    rows.put("Created:", Instant.ofEpochSecond(superblock.usage().mkfsTime()).toString());
    rows.put("Last written:", Instant.ofEpochSecond(superblock.usage().writeTime()).toString());
    rows.put("Mounts:", superblock.usage().mountCount() + " since the last check");
    String reason = volume.whyNotWritable();
    rows.put("Writing:", reason.isEmpty() ? "supported" : "not supported: " + reason);
    rows.put("Backend:", capabilities.backend() + " (" + capabilities.reason() + ")");
    if (!capabilities.features().isEmpty()) {
      rows.put("Ring:", capabilities.features());
    }
    rows.put(
        "Direct I/O:",
        "memory aligned to "
            + geometry.memoryAlignmentBytes()
            + ", offsets to "
            + geometry.offsetAlignmentBytes());
    return rows;
  }

  private static String state(Superblock superblock) {
    int state = superblock.state();
    String text = (state & Superblock.STATE_VALID) != 0 ? "clean" : "not clean";
    return (state & Superblock.STATE_ERROR) != 0 ? text + " with errors" : text;
  }

  private static String pad(String label) {
    return label + " ".repeat(Math.max(1, LABEL_WIDTH - label.length()));
  }
}
