package dev.dioring.ext4lite.cli;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What the commands share that change names or attributes in an image. */
abstract class ChangeCommand implements Callable<Integer> {
  @Mixin private ImageOptions imageOptions = new ImageOptions();

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Image file or block device.")
  private Path image = Path.of("");

  /** Changes the volume, which is open for writing. */
  abstract void change(Ext4Volume volume) throws IOException;

  @Override
  public Integer call() throws IOException {
    try (Ext4Volume volume = imageOptions.openReadWrite(image)) {
      requireWritable(volume);
      change(volume);
    }
    return ExitStatus.OK;
  }

  static void requireWritable(Ext4Volume volume) throws Ext4Exception {
    if (!volume.isWritable()) {
      throw new Ext4Exception("changing " + volume.name(), Errno.EROFS, volume.readOnlyReason());
    }
  }

  /** The user that runs the program, who owns what it makes. */
  static Owner caller() throws IOException {
    return Owner.of(Path.of("/proc/self"));
  }

  /** A user and a group. */
  record Owner(long uid, long gid) {
    static Owner of(Path file) throws IOException {
      Map<String, Object> unix =
          Files.readAttributes(file, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
      return new Owner(id(unix.get("uid")), id(unix.get("gid")));
    }

    private static long id(@Nullable Object value) {
      return value instanceof Integer number ? number & 0xffff_ffffL : 0;
    }
  }
}
