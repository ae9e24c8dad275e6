package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fuse.Unmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Unmounts and waits until the server has written everything. */
@Command(
    name = "umount",
    description = "Unmount a directory and wait until everything is in the image.",
    mixinStandardHelpOptions = true)
final class UmountCommand implements Callable<Integer> {
  @Option(
      names = {"-l", "--lazy"},
      description = "Take it out of the tree now, and end it when its last user has gone.")
  private boolean lazy;

  @Parameters(index = "0", paramLabel = "DIR", description = "Where an image is mounted.")
  private Path directory = Path.of("");

  @Override
  public Integer call() throws IOException {
    Unmount.of(directory).run(lazy);
    return ExitStatus.OK;
  }
}
