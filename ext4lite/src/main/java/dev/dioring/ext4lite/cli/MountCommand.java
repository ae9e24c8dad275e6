package dev.dioring.ext4lite.cli;

import dev.dioring.ext4lite.fuse.FuseMount;
import dev.dioring.ext4lite.fuse.Remount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Mounts an image on a directory and serves it until it is unmounted. */
@Command(
    name = "mount",
    description = {
      "Mount an image on a directory.",
      "Returns when the mount answers, with a server in the background; 'ext4lite umount DIR' ends"
          + " it. Options after -o are those of mount(8) and of ext4.",
      "As root everybody may use the mount (noallow_other forbids it), and permissions are checked"
          + " as on any other; devices and setuid programs work with -o dev,suid.",
      "For mount -t fuse.ext4lite and /etc/fstab, link this program to /sbin/mount.fuse.ext4lite"
          + " and to /sbin/umount.fuse.ext4lite."
    },
    mixinStandardHelpOptions = true)
final class MountCommand implements Callable<Integer> {
  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Option(
      names = {"-f", "--foreground"},
      description = "Stay in the foreground until it is unmounted.")
  private boolean foreground;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say how it is mounted.")
  private boolean verbose;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description =
          "Where to write warnings and errors; without it a server in the background"
              + " writes them to syslog.")
  private @Nullable Path logFile;

  @Mixin private HelperOptions helper = new HelperOptions();

  @Option(names = "-s", hidden = true, description = "Tolerate unknown mount options.")
  private boolean sloppy;

  @Option(names = "-o", paramLabel = "OPTION[,...]", description = "Mount options.")
  private List<String> options = new ArrayList<>();

  @Parameters(index = "0", paramLabel = "IMAGE", description = "An image file or a device.")
  private Path image = Path.of("");

  @Parameters(index = "1", paramLabel = "DIR", description = "An existing directory.")
  private Path directory = Path.of("");

  MountCommand() {}

  /** A mount as usual, without the options that are rare. */
  MountCommand(Path image, Path directory, List<String> options, boolean verbose) {
    this.image = image;
    this.directory = directory;
    this.options = options;
    this.verbose = verbose;
  }

  /** As mount(8) calls it. */
  MountCommand asHelper() {
    helper.helper(true);
    return this;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    helper.requireThisNamespace();
    List<String> asked = new ArrayList<>(options);
    if (helper.isHelper()) {
      // mount(8) tells what is forbidden: where it does not, these are not.
      asked.addFirst("suid,dev");
    }
    if (sloppy) {
      asked = FuseMount.knownOf(asked);
    }
    try {
      return call(asked);
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitStatus.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private int call(List<String> asked) throws IOException, InterruptedException {
    boolean pretend = helper.isHelper() && foreground; // what -f means to mount(8)
    if (pretend) {
      return ExitStatus.OK;
    }
    if (Remount.isWanted(asked)) {
      Remount.of(directory).run(asked, helper.isHelper());
      return ExitStatus.OK;
    }
    BackgroundLog log = BackgroundLog.open(logFile);
    FuseMount mount = FuseMount.mount(image, directory, imageOptions.device(), asked);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> unmount(mount), "unmount"));
    if (verbose) {
      System.err.println(
          image + " is mounted on " + directory + " through " + mount.transportName());
    }
    Readiness.announce(log);
    mount.awaitEnd();
    return ExitStatus.OK;
  }

  @Override
  public String toString() {
    return image
        + " on "
        + directory
        + " "
        + options
        + (verbose ? " verbose" : "")
        + (helper.isHelper() ? " for mount(8)" : "");
  }

  static void unmount(FuseMount mount) {
    try {
      mount.unmount();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
