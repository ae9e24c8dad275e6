package dev.dioring.ext4lite.cli;

import dev.dioring.engine.dio.DeferredStats;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Shows the whole way on an image of its own: preallocate, write, convert, verify, check. */
@Command(
    name = "demo",
    description = {
      "Make an ext4 image, write to it asynchronously with O_DIRECT into preallocated blocks,",
      "verify it, let e2fsck check it, and measure. Needs mkfs.ext4 but no root."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final int IMAGE_MIB = 512;
  private static final int FILE_MIB = 128;
  private static final long FILE_BYTES = (long) FILE_MIB << 20;
  private static final int DEPTH = 32;

  @ParentCommand private Main main = Main.detached();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Where to put the image; a temporary directory if not given.")
  private @Nullable Path directory;

  @Option(names = "--keep", description = "Leave the image there.")
  private boolean keep;

  private record Row(String work, double iops, double peerIops) {}

  private Output out = main.output();

  @Override
  public Integer call() throws IOException, InterruptedException {
    out = main.output();
    Path base = directory != null ? directory : Path.of(System.getProperty("java.io.tmpdir"));
    try (WorkDirectory work = WorkDirectory.make(base, "ext4lite-demo-", keep)) {
      run(work.path());
    } finally {
      out.close();
    }
    return ExitStatus.OK;
  }

  private void run(Path work) throws IOException, InterruptedException {
    Path image = work.resolve("demo.img");
    Path content = Files.createDirectory(work.resolve("content"));
    Files.createFile(content.resolve("data"));
    say("Making a " + IMAGE_MIB + " MiB image with mkfs.ext4, without a journal:");
    say("  " + image);
    DemoTools.run(
        List.of(
            "mkfs.ext4",
            "-q",
            "-F",
            "-O",
            "^has_journal",
            "-d",
            content.toString(),
            image.toString(),
            IMAGE_MIB + "M"));
    List<Row> rows = new ArrayList<>();
    try (Ext4Volume volume = Ext4Volume.open(image, VolumeOptions.READ_WRITE)) {
      say(
          "Opened through "
              + volume.device().capabilities().backend()
              + ": "
              + volume.device().capabilities().features());
      exercise(volume, work, rows);
    }
    String checked = DemoTools.run(List.of("e2fsck", "-fn", image.toString()));
    say("e2fsck -fn: clean: " + lastLine(checked));
    print(rows);
    if (keep) {
      say("The image is kept: " + image);
    }
  }

  private void exercise(Ext4Volume volume, Path work, List<Row> rows)
      throws IOException, InterruptedException {
    Ext4Inode inode = volume.resolve("/data");
    try (Ext4File file = volume.openFile(inode, true)) {
      file.fallocate(0, FILE_BYTES, false);
      say("Preallocated /data: " + FILE_MIB + " MiB of unwritten extents");
      DemoWorkload load = new DemoWorkload(file, FILE_BYTES, DEPTH);
      double first = load.write(1);
      file.sync(true);
      DeferredStats stats = volume.deferredStats();
      say(
          String.format(
              Locale.ROOT,
              "Wrote every block once, in random order, %d at a time:%n"
                  + "  %d completions deferred to %s, in %d batches of %d merged ranges;"
                  + " %d inline",
              DEPTH,
              stats.deferred(),
              String.join(", ", load.completionThreads()),
              stats.batches(),
              stats.ranges(),
              stats.inline()));
      double again = load.write(2);
      file.sync(true);
      long inline = volume.deferredStats().inline() - stats.inline();
      say("Overwrote them all: " + inline + " completions inline on the poller, none deferred");
      double read = load.readAndVerify();
      say("Read them all back: every block is what was written");
      Fio fio = new Fio(work, FILE_BYTES, DEPTH);
      rows.add(new Row("first write into unwritten blocks", first, fio.iops("randwrite", true)));
      rows.add(new Row("overwrite", again, fio.iops("randwrite", false)));
      rows.add(new Row("read", read, fio.iops("randread", false)));
    }
  }

  private void print(List<Row> rows) {
    say("");
    say("4 KiB, random, depth " + DEPTH + ", O_DIRECT; one pass each, so only a first impression:");
    say(String.format("  %-36s %12s %22s", "IOPS", "ext4lite", "fio on a plain file"));
    for (Row row : rows) {
      String peer = row.peerIops > 0 ? String.format(Locale.ROOT, "%.0f", row.peerIops) : "-";
      say(String.format(Locale.ROOT, "  %-36s %12.0f %22s", row.work, row.iops, peer));
    }
    if (rows.stream().allMatch(row -> row.peerIops == 0)) {
      say("  (install fio for a comparison)");
    }
  }

  private void say(String text) {
    out.line(text);
    out.flush();
  }

  private static String lastLine(String text) {
    return text.lines().reduce("", (before, line) -> line.isBlank() ? before : line);
  }
}
