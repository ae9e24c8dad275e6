package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What owners occupy is accounted in the quota files; e2fsck counts it itself and compares. */
class QuotaTest {
  private static final long SEED = 20261123;
  private static final int STEPS = 1500;
  private static final int USER = 123_456;

  private final Random random = new Random(SEED);
  private final List<Long> files = new ArrayList<>();
  private int made;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 4096 -O quota",
        "-b 1024 -O quota,^has_journal",
        "-b 1024 -O quota,project -J size=1",
        "-b 2048 -O quota,project,orphan_file,^metadata_csum",
        "-b 4096 -O quota -E quotatype=grpquota"
      })
  void usageIsWhatE2fsckCounts(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "64M", options.split(" "));
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume.readOnlyReason());
      for (int i = 0; i < STEPS; i++) {
        step(volume);
      }
    }
    clean(image);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      for (int i = 0; i < STEPS / 4; i++) {
        step(volume);
      }
      while (!files.isEmpty()) {
        remove(volume, files.size() - 1);
      }
    }
    clean(image);
  }

  /** Orphans that a cut left are charged until they are deleted. */
  @ParameterizedTest
  @ValueSource(strings = {"-b 4096 -O quota", "-b 1024 -O quota,project,orphan_file"})
  void orphansAreDischargedWhenTheyAreDeleted(String options) throws Exception {
    Ext4Image image = Ext4Image.make(directory.resolve("disk.img"), "64M", options.split(" "));
    Path cut = directory.resolve("cut.img");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      while (files.size() < 40) {
        create(volume);
        resize(volume, files.get(files.size() - 1));
      }
      for (int i = 0; i < 40; i += 2) {
        volume.namespace().refer(files.get(i));
        volume.namespace().unlink(Ext4Inode.ROOT_NR, name(files.get(i)));
      }
      volume.sync();
      Files.copy(image.file(), cut);
    }
    Ext4Volume.open(cut, VolumeOptions.READ_WRITE).close();
    clean(Ext4Image.of(cut));
  }

  @Test
  void limitsHold() throws Exception {
    Ext4Image image =
        Ext4Image.make(directory.resolve("disk.img"), "32M", "-b", "1024", "-O", "quota");
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, USER, 7);
    long nr;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      nr = volume.namespace().create(Ext4Inode.ROOT_NR, name(1), spec).inodeNr();
    }
    limit(image, 3, Map.of(0x08, 2L, 0x20, 300L, 0x28, 100L));
    MutableClock clock = new MutableClock();
    VolumeOptions options = VolumeOptions.READ_WRITE.withClock(clock);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), options)) {
      Ext4Namespace names = volume.namespace();
      names.forget(names.create(Ext4Inode.ROOT_NR, name(2), spec).inodeNr(), 1);
      long free = volume.usage().freeInodes();
      Ext4Exception tooMany =
          assertThrows(Ext4Exception.class, () -> names.create(Ext4Inode.ROOT_NR, name(3), spec));
      assertEquals(Errno.EDQUOT, tooMany.errno());
      assertNull(names.lookup(Ext4Inode.ROOT_NR, name(3)));
      assertEquals(free, volume.usage().freeInodes());
      try (Ext4File file = volume.openFile(nr, true)) {
        assertErrno(Errno.EDQUOT, () -> file.fallocate(0, 301 << 10, false));
        file.fallocate(0, 90 << 10, false);
        clock.advanceSeconds(30L * 86_400);
        file.fallocate(0, 120 << 10, false);
        clock.advanceSeconds(30L * 86_400);
        assertErrno(Errno.EDQUOT, () -> file.fallocate(0, 130 << 10, false));
        AttributeChange shrink = AttributeChange.NONE.withSizeBytes(50 << 10);
        names.forget(names.change(nr, shrink).inodeNr(), 0);
        file.fallocate(0, 110 << 10, false);
      }
    }
    clean(image);
    String quota = image.debugfs("get_quota user " + USER);
    assertTrue(quota.contains(Long.toString(110 << 10)), quota);
  }

  @Test
  void namesStayInTheirProject() throws Exception {
    Ext4Image image =
        Ext4Image.make(directory.resolve("disk.img"), "32M", "-b", "1024", "-O", "quota,project");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      NewInode spec = NewInode.of(FileKind.REGULAR, 0644, 1, 2);
      byte[] outside = name(1);
      byte[] inside = name(2);
      long of0 = names.create(Ext4Inode.ROOT_NR, outside, spec).inodeNr();
      long parent =
          names
              .makeDirectory(
                  Ext4Inode.ROOT_NR, name(3), NewInode.of(FileKind.DIRECTORY, 0755, 1, 2))
              .inodeNr();
      names.changeFlags(parent, Inode.FLAG_EXTENTS | Inode.FLAG_PROJINHERIT, 5);
      InodeAttributes of5 = names.create(parent, inside, spec);
      assertEquals(5, of5.projectId());
      assertErrno(Errno.EXDEV, () -> names.link(of0, parent, name(4)));
      assertErrno(Errno.EXDEV, () -> names.rename(2, outside, parent, outside, 0));
      assertErrno(
          Errno.EXDEV,
          () -> names.rename(parent, inside, 2, outside, Ext4Namespace.RENAME_EXCHANGE));
      names.rename(parent, inside, 2, inside, 0);
    }
    clean(image);
  }

  private static void assertErrno(int errno, Executable operation) {
    assertEquals(errno, assertThrows(Ext4Exception.class, operation).errno());
  }

  /** Sets fields of the test user's entry in a quota file. */
  private static void limit(Ext4Image image, int inodeNr, Map<Integer, Long> fields)
      throws Exception {
    int found = 0;
    try (FileChannel file =
        FileChannel.open(image.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      String[] lines = image.debugfs("blocks <" + inodeNr + ">").lines().toArray(String[]::new);
      for (String word : lines[lines.length - 1].strip().split(" ", -1)) {
        ByteBuffer block = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        long position = Long.parseLong(word) * 1024;
        file.read(block, position);
        for (int entry = 16; entry + 72 <= 1024; entry += 72) {
          if (block.getInt(entry) == USER && block.getLong(entry + 0x18) == 1) {
            int at = entry;
            fields.forEach((offset, value) -> block.putLong(at + offset, value));
            found++;
          }
        }
        file.write(block.flip().limit(1024), position);
      }
    }
    assertEquals(1, found);
  }

  private static final class MutableClock extends Clock {
    private Instant now = Instant.parse("2026-11-23T00:00:00Z");

    void advanceSeconds(long seconds) {
      now = now.plusSeconds(seconds);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  private void clean(Ext4Image image) throws Exception {
    try {
      image.assertClean();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + SEED, e);
    }
  }

  private void step(Ext4Volume volume) throws Exception {
    if (files.size() < 20) {
      create(volume);
      return;
    }
    int index = random.nextInt(files.size());
    long nr = files.get(index);
    switch (random.nextInt(6)) {
      case 0, 1 -> create(volume);
      case 2 -> remove(volume, index);
      case 3 -> resize(volume, nr);
      case 4 -> {
        AttributeChange change = AttributeChange.NONE;
        change = random.nextBoolean() ? change.withUid(owner()) : change;
        change = random.nextBoolean() ? change.withGid(owner()) : change;
        volume.namespace().change(nr, change);
        if (volume.superblock().has(Feature.PROJECT)) {
          volume.namespace().changeFlags(nr, Inode.FLAG_EXTENTS, random.nextInt(5));
        }
      }
      default -> {
        byte[] value = new byte[random.nextInt(700)];
        volume.namespace().setXattr(nr, "user.x", value, 0);
      }
    }
  }

  /** Few owners with many files, and many with few; numbers far apart. */
  private long owner() {
    return random.nextBoolean() ? random.nextInt(4) : random.nextInt(200) * 10_000_019L;
  }

  private void create(Ext4Volume volume) throws Exception {
    String name = "f" + made++;
    NewInode spec = NewInode.of(FileKind.REGULAR, 0644, owner(), owner());
    Ext4Namespace names = volume.namespace();
    boolean link = random.nextInt(8) == 0;
    long nr =
        link
            ? names
                .makeSymlink(
                    Ext4Inode.ROOT_NR,
                    FileName.encode(name),
                    "t".repeat(200).getBytes(StandardCharsets.UTF_8),
                    spec)
                .inodeNr()
            : names.create(Ext4Inode.ROOT_NR, FileName.encode(name), spec).inodeNr();
    names.rename(Ext4Inode.ROOT_NR, FileName.encode(name), Ext4Inode.ROOT_NR, name(nr), 0);
    names.forget(nr, 1);
    if (!link) {
      files.add(nr);
    }
  }

  private static byte[] name(long inodeNr) {
    return FileName.encode("inode" + inodeNr);
  }

  private void resize(Ext4Volume volume, long nr) throws Exception {
    try (Ext4File file = volume.openFile(nr, true)) {
      file.fallocate(random.nextInt(60) * 4096L, 1 + random.nextInt(50_000), false);
    }
    long size = random.nextInt(120_000);
    volume.namespace().change(nr, AttributeChange.NONE.withSizeBytes(size));
  }

  private void remove(Ext4Volume volume, int index) throws Exception {
    volume.namespace().unlink(Ext4Inode.ROOT_NR, name(files.remove(index)));
  }
}
