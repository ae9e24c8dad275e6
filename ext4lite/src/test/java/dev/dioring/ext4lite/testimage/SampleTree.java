package dev.dioring.ext4lite.testimage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An image with a bit of everything that files can be. */
public final class SampleTree {
  /** Sizes around those at which ext4 stores content differently. */
  private static final int[] SIZES = {
    0,
    1,
    59,
    60,
    61,
    100,
    159,
    160,
    161,
    511,
    1023,
    1024,
    1025,
    4095,
    4096,
    4097,
    12 << 10,
    (12 << 10) + 1,
    1 << 16,
    300_000,
    1_500_000
  };

  private SampleTree() {}

  /** Fills an empty directory with what any user may make, for {@link Ext4Image#populated}. */
  public static void fill(Path root, long seed) throws IOException {
    Random random = new Random(seed);
    for (int size : SIZES) {
      byte[] content = new byte[size];
      random.nextBytes(content);
      Files.write(root.resolve("size-" + size), content);
    }
    for (int length : new int[] {1, 30, 58, 59, 60, 61, 100, 159, 160, 700}) {
      String target = "t".repeat(length - 1) + "x";
      Files.createSymbolicLink(root.resolve("link-" + length), Path.of(target));
    }
    sparse(root.resolve("sparse"), random);
    directories(root, random);
    Files.createLink(root.resolve("hard-link"), root.resolve("size-1025"));
    Files.writeString(root.resolve("n".repeat(255)), "long name");
  }

  /** Adds to an image what mkfs.ext4 cannot take over, or only root can make. */
  public static void decorate(Ext4Image image, boolean largeInodes)
      throws IOException, InterruptedException {
    List<String> script = new ArrayList<>();
    script.add("mknod fifo p");
    script.add("mknod null c 1 3");
    script.add("mknod wide c 300 70000");
    script.add("mknod disk b 8 17");
    script.add("set_inode_field /size-59 mode 0104751");
    script.add("set_inode_field /size-59 uid 3000000000");
    script.add("set_inode_field /size-59 gid 70000");
    script.add("set_inode_field /size-60 generation 3735928559");
    script.add("set_inode_field /fifo flags 0x88");
    script.add("set_inode_field /empty mode 041777");
    long[] epochs = {-1, Integer.MIN_VALUE, 1L << 31, (1L << 32) + 5, (1L << 33) + 6};
    for (int i = 0; i < epochs.length; i++) {
      String file = "/few/time-" + i;
      for (String stamp : new String[] {"atime", "ctime", "mtime", "crtime"}) {
        setTime(script, file, stamp, epochs[i] + stamp.length(), largeInodes);
      }
    }
    script.add("ea_set /size-100 user.short value");
    script.add("ea_set /size-100 user.odd abcde");
    script.add("ea_set /size-100 trusted.secret " + "s".repeat(70));
    script.add("ea_set /size-100 security.label " + "l".repeat(100));
    script.add("ea_set /dir user.on-directory " + "d".repeat(150));
    script.add("ea_set /few/a user.a b");
    image.debugfsWrite(script.toArray(String[]::new));
  }

  private static void setTime(
      List<String> script, String file, String stamp, long seconds, boolean largeInodes) {
    if (!largeInodes && stamp.equals("crtime")) {
      return;
    }
    int low = (int) seconds;
    script.add("set_inode_field " + file + " " + stamp + " @" + Integer.toUnsignedString(low));
    if (largeInodes) {
      long extra = ((seconds - low) >>> 32 & 3) | 123_456_789L << 2;
      script.add("set_inode_field " + file + " " + stamp + "_extra " + extra);
    }
  }

  private static void sparse(Path file, Random random) throws IOException {
    byte[] block = new byte[4096];
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (long at : new long[] {16384, 40960, 1 << 20, 5 << 20, (20L << 20) + 4096}) {
        random.nextBytes(block);
        out.seek(at);
        out.write(block);
      }
      out.setLength((20L << 20) + 100_000);
    }
  }

  private static void directories(Path root, Random random) throws IOException {
    Path sub = Files.createDirectories(root.resolve("dir").resolve("sub"));
    Files.writeString(sub.resolve("deep"), "deep content");
    Files.createDirectory(root.resolve("empty"));
    Path few = Files.createDirectory(root.resolve("few"));
    Files.writeString(few.resolve("a"), "a");
    for (int i = 0; i < 5; i++) {
      Files.createFile(few.resolve("time-" + i));
    }
    Path many = Files.createDirectory(root.resolve("many"));
    for (int i = 0; i < 300; i++) {
      String name = "entry-" + i + "-" + "abcdefghijklmnop".substring(random.nextInt(16));
      Files.writeString(many.resolve(name), "content of " + i);
    }
  }
}
