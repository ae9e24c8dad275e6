package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.RawDirectory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes of the metadata of small images: whatever they say then, walking them ends soon,
 * with data or with a clean error. Without checksums every change gets through to the structures.
 *
 * <p>{@code -Ddioring.fuzz.rounds} sets the rounds per image, {@code -Ddioring.fuzz.seed} the seed.
 */
class CorruptionFuzzTest {
  private static final int ROUNDS = Integer.getInteger("dioring.fuzz.rounds", 120);
  private static final long SEED = Long.getLong("dioring.fuzz.seed", 20260711);
  private static final long ROUND_SECONDS_MAX = 60;
  private static final int BLOCK_BYTES = 1024;
  private static final String[] NAMES = {
    "entry-number-77", "missing", "..", "/a/b/c/deep", "/short", "/long/x", "/loop"
  };

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-O ^has_journal,^metadata_csum,^uninit_bg,^resize_inode",
        "-O ^has_journal,^metadata_csum,^uninit_bg,^resize_inode,inline_data,ea_inode",
        "-O ^has_journal,^resize_inode",
        "-O ^metadata_csum,^resize_inode,large_dir -J size=1",
        "-O bigalloc,^has_journal,^metadata_csum,^resize_inode -C 4096",
        "-t ext2 -I 128 -O ^resize_inode",
      })
  void walkingACorruptImageEnds(String options) throws Exception {
    byte[] image = image(options);
    int[] places = metadataPlaces(image);
    Random seeds = new Random(SEED);
    long refusedAtOnce = 0;
    long failures = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long seed = seeds.nextLong();
      byte[] copy = image.clone();
      String changes = corrupt(copy, places, new Random(seed));
      String what = options + ", round " + round + " of seed " + SEED + ", changes " + changes;
      int result = watched(copy, what);
      refusedAtOnce += result < 0 ? 1 : 0;
      failures += Math.max(0, result);
    }
    assertTrue(refusedAtOnce < ROUNDS, "some images can be opened, seed " + SEED);
    assertTrue(ROUNDS < 50 || failures > 0, "something fails, seed " + SEED);
  }

  /** The walk that the rounds do meets everything in the image as it was made. */
  @ParameterizedTest
  @ValueSource(strings = "-O ^has_journal,^metadata_csum,^uninit_bg,^resize_inode")
  void theWalkMeetsEverything(String options) throws Exception {
    try (Ext4Volume volume = VolumeFacts.open(image(options));
        Arena arena = Arena.ofShared()) {
      ImageWalk walk = new ImageWalk(volume, arena.allocate(64 << 10, 4096));
      walk.run("entry-number-77");
      // The name is at the root no path.
      assertEquals(1, walk.failures());
      assertTrue(walk.inodes() >= 18, "inodes " + walk.inodes());
      assertTrue(walk.entries() > 150, "entries " + walk.entries());
      assertTrue(walk.bytes() > 150_000, "bytes " + walk.bytes());
      ExtentRun run = new ExtentRun();
      volume.resolve("/fragmented").map().lookUp(50, run);
      assertEquals(1, run.lengthBlocks);
    }
  }

  /** Walks on a thread of its own. @return failures met, or -1 if the image cannot be opened */
  private static int watched(byte[] image, String what) throws Exception {
    FutureTask<Integer> round = new FutureTask<>(() -> walk(image));
    Thread thread = Thread.ofPlatform().daemon().name("fuzz round").start(round);
    try {
      return round.get(ROUND_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      String stack = String.join("\n  ", stackOf(thread));
      throw new AssertionError("no end of " + what + "\n  " + stack, e);
    } catch (ExecutionException e) {
      throw new AssertionError("no clean failure: " + what, e.getCause());
    }
  }

  private static List<String> stackOf(Thread thread) {
    return Arrays.stream(thread.getStackTrace()).map(StackTraceElement::toString).toList();
  }

  private static int walk(byte[] image) throws IOException {
    try (Ext4Volume volume = VolumeFacts.open(image);
        Arena arena = Arena.ofShared()) {
      ImageWalk walk = new ImageWalk(volume, arena.allocate(64 << 10, 4096));
      walk.run(NAMES);
      return walk.failures();
    } catch (Ext4Exception | BlockIoException e) {
      return -1;
    }
  }

  private byte[] image(String options) throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    for (int i = 0; i < 6; i++) {
      Files.write(content.resolve("f" + i), new byte[i * i * 1000]);
    }
    Files.createSymbolicLink(content.resolve("short"), Path.of("f1"));
    Files.createSymbolicLink(content.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(content.resolve("long"), Path.of("x".repeat(100)));
    Files.writeString(Files.createDirectories(content.resolve("a/b/c")).resolve("deep"), "content");
    List<String> all = new ArrayList<>(List.of(options.split(" ")));
    all.addAll(List.of("-b", "" + BLOCK_BYTES, "-N", "64"));
    String size = options.contains("-J") ? "8M" : options.contains("bigalloc") ? "4M" : "768K";
    Path file = directory.resolve("image");
    Ext4Image image = Ext4Image.populated(file, size, content, all.toArray(String[]::new));
    Path scratch = directory.resolve("scratch");
    List<String> names = IntStream.range(0, 150).mapToObj(i -> "entry-number-" + i).toList();
    RawDirectory.add(image, "indexed", names, BLOCK_BYTES, scratch);
    fragment(image, scratch, (int) Files.size(file) / BLOCK_BYTES);
    image.settle();
    return image.bytes();
  }

  /** Adds a file whose blocks do not lie together, and attributes. */
  private static void fragment(Ext4Image image, Path scratch, int blocks) throws Exception {
    List<String> script = new ArrayList<>();
    List<String> free = new ArrayList<>();
    // Bits of blocks in use are cleared too; e2fsck sets them again.
    for (int block = 51; block < blocks - 8; block += 2) {
      script.add("setb " + block);
      free.add("freeb " + block);
    }
    byte[] content = new byte[110 << 10];
    Arrays.fill(content, (byte) 'c');
    Files.write(scratch, content);
    script.add("write " + scratch + " fragmented");
    script.addAll(free);
    for (int i = 0; i < 5; i++) {
      script.add("ea_set /f" + i + " user.attribute" + i + " " + "v".repeat(60 * i + 3));
    }
    image.debugfsWrite(script.toArray(String[]::new));
  }

  /** Offsets of all bytes in words that are not zero, but for what files hold. */
  private static int[] metadataPlaces(byte[] image) throws IOException {
    BitSet data = new BitSet();
    try (Ext4Volume volume = VolumeFacts.open(image)) {
      long inodes = volume.superblock().inodesCount();
      for (long inodeNr = volume.superblock().firstInode(); inodeNr <= inodes; inodeNr++) {
        addBlocks(volume, inodeNr, data);
      }
    }
    return IntStream.range(1024, image.length)
        .filter(at -> !data.get(at / BLOCK_BYTES))
        .filter(at -> IntStream.range(at & ~3, (at & ~3) + 4).anyMatch(i -> image[i] != 0))
        .toArray();
  }

  private static void addBlocks(Ext4Volume volume, long inodeNr, BitSet blocks) throws IOException {
    Ext4Inode inode;
    try {
      inode = volume.inode(inodeNr);
    } catch (Ext4Exception e) {
      return;
    }
    switch (inode.kind()) {
      case REGULAR -> {}
      default -> {
        return;
      }
    }
    ExtentRun run = new ExtentRun();
    for (long at = 0; at * BLOCK_BYTES < inode.sizeBytes() && !inode.isInline(); at++) {
      inode.map().lookUp(at, run);
      if (run.startBlockNr != 0) {
        blocks.set((int) (run.startBlockNr + at - run.fileBlockNr));
      }
    }
  }

  /** Changes some bytes, bits and words. @return which */
  private static String corrupt(byte[] image, int[] places, Random random) {
    StringBuilder changes = new StringBuilder();
    int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 3);
    for (int i = 0; i < count; i++) {
      int at = places[random.nextInt(places.length)];
      switch (random.nextInt(6)) {
        case 0 -> image[at] = 0;
        case 1 -> image[at] = -1;
        case 2 ->
            System.arraycopy(image, places[random.nextInt(places.length)] & ~3, image, at & ~3, 4);
        case 3 -> image[at] += (byte) (random.nextInt(3) - 1);
        default -> image[at] ^= (byte) (1 << random.nextInt(8));
      }
      changes.append(at).append("=").append(image[at] & 0xff).append(' ');
    }
    return changes.toString();
  }
}
