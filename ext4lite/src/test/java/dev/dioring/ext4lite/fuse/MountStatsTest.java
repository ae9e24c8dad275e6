package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The counters of a mount follow what is done to it. */
class MountStatsTest {
  private static final int BLOCK_BYTES = 4096;
  private static final int BLOCKS = 64;

  @TempDir Path temp = Path.of("");

  private Ext4Image image = Ext4Image.of(Path.of(""));

  @BeforeEach
  void makeImage() throws Exception {
    MountedImage.assumePossible();
    image = Ext4Image.make(temp.resolve("image"), "64M");
  }

  @Test
  void directWritesIntoPreallocatedBlocksAreDeferredAndOverwritesAreNot() throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run("fallocate -l 1M file");
      JsonNode before = stats(mount);
      String write =
          "dd if=/dev/zero of=file bs=4k count=" + BLOCKS + " oflag=direct conv=notrunc 2>&1";
      mount.run(write);
      JsonNode first = stats(mount);
      assertEquals(BLOCKS, grown(before, first, "/completions/deferred"));
      assertTrue(grown(before, first, "/completions/ranges_converted") > 0, first::toString);
      assertEquals(BLOCKS, grown(before, first, "/requests/WRITE/count"));
      assertEquals(BLOCKS * BLOCK_BYTES, grown(before, first, "/bytes_written"));

      mount.run("sync -f file; sync file");
      JsonNode synced = stats(mount);
      assertTrue(grown(before, synced, "/journal/commits") > 0, synced::toString);
      mount.run(write);
      JsonNode second = stats(mount);
      assertEquals(0, grown(synced, second, "/completions/deferred"));
      assertEquals(BLOCKS, grown(synced, second, "/completions/inline"));
      mount.run("dd if=file of=/dev/null bs=256k iflag=direct 2>&1");
      assertEquals(1 << 20, grown(second, stats(mount), "/bytes_read"));
    }
  }

  @Test
  void directTransfersAreOfUpToOneMebibyte() throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run("dd if=/dev/zero of=file bs=8M count=1 oflag=direct 2>&1");
      mount.run("dd if=file of=/dev/null bs=8M iflag=direct 2>&1");
      JsonNode stats = stats(mount);
      assertEquals(8, stats.at("/requests/WRITE/count").asInt(), stats::toString);
      // One more tells the end of the file.
      int reads = stats.at("/requests/READ/count").asInt();
      assertTrue(reads == 8 || reads == 9, stats::toString);
    }
  }

  @Test
  void failuresAndLatenciesAreCounted() throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run("mkdir d; touch d/f; ! rmdir d 2>&1");
      JsonNode requests = stats(mount).get("requests");
      assertEquals(1, requests.at("/RMDIR/failed").asInt());
      assertEquals(0, requests.at("/MKDIR/failed").asInt());
      JsonNode latency = requests.at("/MKDIR/latency_nanos");
      assertTrue(latency.get("p50").asLong() > 0, latency::toString);
      assertTrue(latency.get("max").asLong() >= latency.get("p50").asLong(), latency::toString);
    }
  }

  @Test
  void countersAreStoredInTheEnd() throws Exception {
    Path file = temp.resolve("stats.json");
    try (MountedImage mount =
        MountedImage.mount(image.file(), temp.resolve("mount"), "stats=" + file)) {
      mount.run("echo content > file");
    }
    JsonNode stored = new ObjectMapper().readTree(Files.readAllBytes(file));
    assertTrue(stored.at("/requests/CREATE/count").asInt() > 0, stored::toString);
    assertTrue(stored.at("/journal/commits").asInt() > 0, stored::toString);
  }

  @Test
  void onlyTheRootOfAMountHasCounters() throws Exception {
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      Path below = Files.createDirectory(mount.directory().resolve("below"));
      assertRefused(below);
      assertEquals("", mount.run("getfattr -d -m - ."));
    }
    assertRefused(temp);
  }

  private static void assertRefused(Path directory) {
    MountException refused = assertThrows(MountException.class, () -> MountStats.read(directory));
    assertEquals(Errno.EINVAL, refused.errno());
  }

  private static JsonNode stats(MountedImage mount) throws IOException {
    return new ObjectMapper().readTree(MountStats.read(mount.directory()));
  }

  /** How much a counter, missing while it is 0, has grown. */
  private static long grown(JsonNode before, JsonNode after, String path) {
    return after.at(path).asLong() - before.at(path).asLong();
  }
}
