package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs change the same names while the kernel forgets what it knows of them. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MountRaceTest {
  private static final int PROGRAMS = 6;

  /**
   * What each program does; the names of all are the same nine. Only a link may fail, to a file
   * that has just lost its name to another.
   */
  private static final String CHANGES =
      """
      change() {
        for i in $(seq 120); do
          n=$((i * 7 % 9))
          echo $1 > f$n.$1 && mv f$n.$1 f$n && cat f$n > /dev/null || echo lost f$n
          ln f$n l$n.$1 2> /dev/null && { cat l$n.$1 > /dev/null && rm l$n.$1 || echo lost l$n; }
          { mkdir d$n; : > d$n/$1; rm -f d$n/$1; rmdir d$n; } 2> /dev/null
          [ $((i % 10)) = 0 ] && echo 2 > /proc/sys/vm/drop_caches
        done
        true
      }
      """;

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needMounts() {
    MountedImage.assumePossible();
  }

  @ParameterizedTest
  @ValueSource(strings = {"uring", "nouring"})
  void changesRaceWithForgetting(String transport) throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"), transport)) {
      StringBuilder all = new StringBuilder(CHANGES);
      for (int i = 1; i <= PROGRAMS; i++) {
        all.append("change ").append(i).append(" & ");
      }
      assertEquals("", mount.run("true\n" + all + "wait"));
      String contents = mount.run("cat f? | sort -u | tr -d '\\n'");
      assertTrue(contents.matches("[1-6]+"), contents);
      mount.run("rm -r f? && rmdir d? 2> /dev/null; echo 2 > /proc/sys/vm/drop_caches");
      awaitFewInodes(mount);
    }
    image.assertClean();
  }

  /** The kernel forgets in the background, and in the end all but the root. */
  private static void awaitFewInodes(MountedImage mount) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    int inodes;
    do {
      String unused = mount.run("echo 2 > /proc/sys/vm/drop_caches");
      byte[] report = MountStats.read(mount.directory());
      inodes = new ObjectMapper().readTree(report).get("inodes_in_memory").asInt();
    } while (inodes > 2 && System.nanoTime() < end);
    assertTrue(inodes <= 2, inodes + " inodes are still in memory");
  }
}
