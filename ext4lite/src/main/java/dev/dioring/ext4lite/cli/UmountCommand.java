package dev.dioring.ext4lite.cli;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.fuse.MountException;
import dev.dioring.ext4lite.fuse.Remount;
import dev.dioring.ext4lite.fuse.Unmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Unmounts and waits until the server has written everything. */
@Command(
    name = "umount",
    description = {
      "Unmount a directory and wait until everything is in the image.",
      "For umount(8) to wait too, link this program to /sbin/umount.fuse.ext4lite."
    },
    mixinStandardHelpOptions = true)
final class UmountCommand implements Callable<Integer> {
  @Option(
      names = {"-l", "--lazy"},
      description = "Take it out of the tree now, and end it when its last user has gone.")
  private boolean lazy;

  @Option(
      names = {"-f", "--force"},
      description = "Cut off who waits for its server, even if that does not answer.")
  private boolean force;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say what was unmounted.")
  private boolean verbose;

  @Mixin private HelperOptions helper = new HelperOptions();

  @Option(names = "-r", hidden = true, description = "Where it is busy, remount it read-only.")
  private boolean orReadOnly;

  @Parameters(index = "0", paramLabel = "DIR", description = "Where an image is mounted.")
  private Path directory = Path.of("");

  @Override
  public Integer call() throws IOException {
    helper.requireThisNamespace();
    try {
      Unmount.of(directory).run(manner());
    } catch (MountException e) {
      if (!orReadOnly || e.errno() != Errno.EBUSY) {
        throw e;
      }
      Remount.of(directory).run(List.of("ro"), false);
      return ExitStatus.OK;
    }
    if (verbose) {
      System.err.println(directory + " is unmounted");
    }
    return ExitStatus.OK;
  }

  private Unmount.Manner manner() {
    if (lazy) {
      return Unmount.Manner.LAZY;
    }
    return force ? Unmount.Manner.FORCED : Unmount.Manner.PLAIN;
  }
}
