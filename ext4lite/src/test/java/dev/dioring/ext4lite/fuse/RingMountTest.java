package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The mount over io_uring, which the test allows and forbids as it found it. */
@ExtendWith(WithRings.class)
class RingMountTest {
  private static final Pattern NAME_AND_PROCESSORS =
      Pattern.compile("Name:\\t(\\S+).*Cpus_allowed_list:\\t(\\S+)", Pattern.DOTALL);

  @TempDir Path temp = Path.of("");

  @Test
  void filesAreWrittenAndReadBack() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "64M");
    String expected = ExternalTool.run("sh", "-c", "seq 500000 | sha256sum");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      assertEquals("FUSE over io_uring", mount.transportName());
      mount.run("seq 500000 > buffered; dd if=buffered of=direct bs=64k oflag=direct status=none");
      mount.run("fallocate -l 4M unwritten");
      mount.run("dd if=buffered of=unwritten bs=4k oflag=direct conv=notrunc status=none");
      mount.run("dd if=buffered of=odd bs=777 status=none; truncate -s 3000000 odd");
      mount.run("mkdir d; for i in $(seq 300); do echo $i > d/name-$i; done; rm d/name-1*");
      for (String name : new String[] {"buffered", "direct"}) {
        assertEquals(expected, mount.run("sha256sum < " + name), name);
        assertEquals(
            expected,
            mount.run("dd if=" + name + " iflag=direct bs=1M status=none | sha256sum"),
            name);
      }
      mount.run("cmp -n 3000000 unwritten buffered && cmp -n 3000000 odd buffered");
      assertEquals("189\n", mount.run("ls d | wc -l"));
      mount.run("for i in $(seq 32); do (cat d/* | wc -c; cat direct > /dev/null) & done; wait");
    }
    image.assertClean();
  }

  @Test
  void anImageInMemoryIsServedWhereRequestsAreMade() throws Exception {
    Path memory = Path.of("/dev/shm");
    Assumptions.assumeTrue(Files.isWritable(memory), "there is no " + memory);
    Path file = Files.createTempFile(memory, "image", "");
    try {
      Ext4Image image = Ext4Image.make(file, "16M");
      try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
        mount.run("seq 100000 > file; dd if=file of=direct bs=64k oflag=direct status=none");
        assertEquals("", mount.run("cmp file direct"));
        assertQueuesStayOnTheirProcessors();
      }
      image.assertClean();
    } finally {
      Files.delete(file);
    }
  }

  /** As the kernel sends a request to the queue of the processor that it was made on. */
  private static void assertQueuesStayOnTheirProcessors() throws IOException {
    Map<String, String> allowed = new HashMap<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        String status;
        try {
          status = Files.readString(thread.resolve("status"));
        } catch (NoSuchFileException e) {
          continue; // It has ended.
        }
        Matcher facts = NAME_AND_PROCESSORS.matcher(status);
        assertTrue(facts.find(), status);
        allowed.put(facts.group(1), facts.group(2));
      }
    }
    for (String name : new String[] {"0", "1"}) {
      assertEquals(name, allowed.getOrDefault("fuse-queue-" + name, name), allowed::toString);
    }
    assertTrue(allowed.containsKey("fuse-queue-0"), allowed::toString);
  }
}
