package dev.dioring.ext4lite.cli;

import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.fuse.FuseMount;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What the launcher runs once after a build, so that the JVM sees which classes are used and what
 * the busy methods do, and keeps it: later commands and mounts start with that knowledge. It works
 * on a small image of its own, through the commands, in-process and through both transports.
 */
final class Rehearsal {
  private static final String IMAGE_SIZE = "192M";
  private static final long DATA_BYTES = 32L << 20;
  private static final int DEPTH = 32;

  private final WorkDirectory work;
  private final Path image;
  private final Path point;

  private Rehearsal(WorkDirectory work) throws IOException {
    this.work = work;
    image = work.path().resolve("rehearsal.img");
    point = Files.createDirectory(work.path().resolve("mounted"));
  }

  public static void main(String[] arguments) throws Exception {
    runIn(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** Fails where no image can be made or mounted: better no knowledge than half of it. */
  static void runIn(Path directory) throws Exception {
    try (WorkDirectory work = WorkDirectory.make(directory, "ext4lite-rehearsal-", false)) {
      new Rehearsal(work).run();
    }
  }

  private void run() throws Exception {
    Path content = Files.createDirectory(work.path().resolve("content"));
    Files.writeString(content.resolve("text"), "text\n".repeat(1000));
    Files.createFile(content.resolve("data"));
    DemoTools.run(
        List.of("mkfs.ext4", "-q", "-F", "-d", content.toString(), image.toString(), IMAGE_SIZE));
    commands();
    inProcess();
    mounted(List.of());
    mounted(List.of("nouring"));
  }

  private void commands() {
    String disk = image.toString();
    run("--help");
    run("info", disk);
    run("ls", "-l", disk);
    run("stat", disk, "/text");
    run("cat", disk, "/text");
    run("mkdir", disk, "/directory");
    run("cp", work.path().resolve("content/text").toString(), disk + ":/directory/text");
    run("mv", disk, "/directory/text", "/directory/other");
    run("rm", "-r", disk, "/directory");
  }

  private void inProcess() throws IOException {
    try (Ext4Volume volume = Ext4Volume.open(image, VolumeOptions.READ_WRITE);
        Ext4File file = volume.openFile(volume.resolve("/data"), true)) {
      file.fallocate(0, DATA_BYTES, false);
      DemoWorkload load = new DemoWorkload(file, DATA_BYTES, DEPTH);
      double unused = load.write(1) + load.write(2) + load.readAndVerify();
      file.sync(true);
    }
  }

  private void mounted(List<String> options) throws Exception {
    FuseMount mount = FuseMount.mount(image, point, OpenOptions.DEFAULT, options);
    // Whoever interrupts a build finds no dead mount.
    work.whenInterrupted(() -> MountCommand.unmount(mount));
    CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> serve(mount));
    try {
      new RehearsalTree(point).run();
      run("stats", point.toString());
    } finally {
      run("umount", point.toString());
      ended.join();
    }
    work.whenInterrupted(() -> {});
  }

  private static void serve(FuseMount mount) {
    try {
      mount.awaitEnd();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... line) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    int exit = Main.run(OutputStream.nullOutputStream(), false, nowhere, line);
    if (exit != ExitStatus.OK) {
      throw new CliException(exit, "the rehearsal of " + String.join(" ", line) + " failed");
    }
  }
}
