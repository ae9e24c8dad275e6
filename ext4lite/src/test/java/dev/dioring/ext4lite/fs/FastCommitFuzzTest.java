package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.format.Crc32c;
import dev.dioring.ext4lite.format.FastCommitTags;
import dev.dioring.ext4lite.testimage.CrashedImage;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.FastCommitWorkload;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fast commits with wrong content and right checksums are applied or refused, and do no worse. */
class FastCommitFuzzTest {
  private static final int IMAGES = Integer.getInteger("dioring.fastcommit.images", 60);
  private static final int BLOCK_BYTES = 4096;
  private static final int TAG_BYTES = 4;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {5, 8})
  void wrongContent(long seed) throws Exception {
    Ext4Image image =
        Ext4Image.make(directory.resolve("image"), "24M", "-b", "4096", "-O", "fast_commit");
    FastCommitWorkload workload = new FastCommitWorkload(40, seed, false);
    byte[] crashed =
        CrashedImage.crash(image, directory.resolve("crashed"), "noatime", workload).bytes();
    int first = first(crashed);
    assertTrue(first > 0, "no fast commit of seed " + seed);
    Random random = new Random(seed);
    int applied = 0;
    for (int i = 0; i < IMAGES; i++) {
      byte[] wrong = crashed.clone();
      String what = "seed " + seed + ", image " + i;
      change(MemorySegment.ofArray(wrong), first, random);
      try (Ext4Volume volume = VolumeFacts.open(wrong)) {
        applied += volume.warnings().toString().contains("fast commits") ? 0 : 1;
      } catch (Ext4Exception e) {
        assertTrue(e.getMessage() != null, what);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(what, e);
      }
    }
    assertTrue(applied > 0, "all refused, seed " + seed);
  }

  private static void change(MemorySegment image, int first, Random random) {
    List<Integer> tags = new ArrayList<>();
    for (int at = first; at >= 0; at = next(image, at)) {
      int tag = image.get(SHORT, at);
      if (tag >= FastCommitTags.ADD_RANGE && tag <= FastCommitTags.INODE) {
        tags.add(at);
      }
    }
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = tags.get(random.nextInt(tags.size()));
      int length = image.get(SHORT, at + 2);
      // The start has the numbers.
      int offset = random.nextInt(random.nextBoolean() ? Math.min(length, 24) : length);
      byte value = (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(30));
      image.set(ValueLayout.JAVA_BYTE, at + TAG_BYTES + offset, value);
    }
    int crc = 0;
    for (int at = first; at >= 0; at = next(image, at)) {
      if (image.get(SHORT, at) == FastCommitTags.TAIL) {
        crc = Crc32c.update(crc, image, at, TAG_BYTES + Integer.BYTES);
        image.set(INT, at + TAG_BYTES + Integer.BYTES, crc);
        crc = 0;
      } else {
        crc = Crc32c.update(crc, image, at, TAG_BYTES + image.get(SHORT, at + 2));
      }
    }
  }

  /** The next tag, or -1. */
  private static int next(MemorySegment image, int at) {
    int next = at + TAG_BYTES + (image.get(SHORT, at + 2) & 0xffff);
    int blockEnd = at - at % BLOCK_BYTES + BLOCK_BYTES;
    int found = next + TAG_BYTES > blockEnd ? blockEnd : next;
    return image.get(SHORT, found) == 0 ? -1 : found;
  }

  private static int first(byte[] image) {
    byte[] head = {FastCommitTags.HEAD, 0, 8, 0, 0, 0, 0, 0};
    for (int at = 0; at < image.length; at += BLOCK_BYTES) {
      if (Arrays.equals(image, at, at + head.length, head, 0, head.length)) {
        return at;
      }
    }
    return -1;
  }
}
