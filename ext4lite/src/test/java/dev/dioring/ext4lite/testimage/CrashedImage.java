package dev.dioring.ext4lite.testimage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Images as a crash leaves them: the kernel has committed to their journals but not yet written in
 * place. A copy of the image's file while it is mounted is such a state.
 */
public final class CrashedImage {
  private static final int FILES_PER_ROUND = 12;

  private CrashedImage() {}

  /** What is done to the mounted image. */
  public interface Workload {
    void run(Path mounted) throws Exception;

    /** Closes what it has open, after the copy was made. */
    default void end() throws IOException {}
  }

  /** Mounts an image, runs a workload on it, and copies the image before it is unmounted. */
  public static Ext4Image crash(Ext4Image image, Path copy, String mountOptions, Workload workload)
      throws Exception {
    Path mounted = copy.resolveSibling(copy.getFileName() + ".mounted");
    try (LoopMount mount = LoopMount.writable(image.file(), mounted, mountOptions)) {
      try {
        workload.run(mount.directory());
        Files.copy(image.file(), copy, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        workload.end();
      }
    }
    return Ext4Image.of(copy);
  }

  /**
   * Rounds of creating, changing and deleting files and directories. Each ends with a commit, so
   * deleted directories, whose blocks were logged before, are revoked.
   */
  public static Workload rounds(int count, long seed) {
    return mounted -> {
      Random random = new Random(seed);
      for (int round = 0; round < count; round++) {
        Path directory = Files.createDirectories(mounted.resolve("round" + round + "/deep/er"));
        for (int i = 0; i < FILES_PER_ROUND; i++) {
          byte[] content = new byte[random.nextInt(20_000)];
          random.nextBytes(content);
          Files.write(
              directory.resolve("file" + i + "-" + "n".repeat(random.nextInt(60))), content);
        }
        commit(directory);
        if (round >= 2) {
          deleteTree(mounted.resolve("round" + (round - 2) + "/deep"));
        }
        if (round % 3 == 1) {
          Path moved = mounted.resolve("moved" + round);
          Files.move(mounted.resolve("round" + (round - 1)), moved);
          Files.createSymbolicLink(mounted.resolve("round" + (round - 1)), moved.getFileName());
        }
        // What starts with the journal's magic is logged escaped where it is metadata; as data it
        // must come through as it is.
        byte[] magic = {(byte) 0xc0, 0x3b, 0x39, (byte) 0x98};
        Files.write(mounted.resolve("magic"), magic);
        commit(mounted.resolve("magic"));
      }
    };
  }

  /** Makes everything so far durable, by a commit alone. */
  public static void commit(Path path) throws IOException {
    StandardOpenOption option = StandardOpenOption.READ;
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  public static void deleteTree(Path root) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(root)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
