package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More inodes are looked up than memory keeps, and nobody can tell. */
@Timeout(120)
class ResidentInodesTest {
  private static final long ROOT = Ext4Inode.ROOT_NR;
  private static final int FILES = 1500;

  /** So small that no more than the least number of inodes stays. */
  private static final long CACHE_BYTES = 128 << 10;

  private static final int IDLE_MAX = 64;

  private static final Behaviour READS_ARE_NOTED =
      new Behaviour(Ext4Options.NONE, AccessTimes.RELATIVE, AccessTimes.RELATIVE, false, false);

  @TempDir Path temp = Path.of("");

  /** Ticks when it is told to. */
  private static final class TestClock extends Clock {
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

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
      return this;
    }
  }

  private final TestClock clock = new TestClock();

  @Test
  void whatIsLookedUpLeavesMemoryAndIsFoundAgain() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    try (Ext4Volume volume = open(image)) {
      Ext4Namespace names = volume.namespace();
      long before = volume.stats().inodesLookedUp();
      List<InodeAttributes> made = new ArrayList<>();
      for (int i = 0; i < FILES; i++) {
        made.add(names.create(ROOT, name(i), regular(0600 + i % 8)));
        assertTrue(volume.stats().inodes() <= IDLE_MAX + 2, volume.stats()::toString);
      }
      assertEquals(before + FILES, volume.stats().inodesLookedUp());
      for (InodeAttributes one : made) {
        assertEquals(one, names.attributes(one.inodeNr()));
        names.forget(one.inodeNr(), 1);
      }
      assertEquals(before, volume.stats().inodesLookedUp());
      assertEquals(0, volume.stats().inodes(), "in memory");
    }
    image.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-J size=1", "-O ^has_journal"})
  void whatHasNoNameStaysUntilItIsForgotten(String options) throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M", options.split(" "));
    try (Ext4Volume volume = open(image)) {
      Ext4Namespace names = volume.namespace();
      long free = volume.usage().freeInodes();
      List<InodeAttributes> made = new ArrayList<>();
      for (int i = 0; i < FILES; i++) {
        made.add(names.create(ROOT, name(i), regular(0600)));
      }
      for (int i = 0; i < FILES; i++) {
        names.unlink(ROOT, name(i));
      }
      assertEquals(free - FILES, volume.usage().freeInodes());
      for (InodeAttributes one : made) {
        assertEquals(one.generation(), names.attributes(one.inodeNr()).generation());
        assertEquals(0, names.attributes(one.inodeNr()).links());
        assertGone(names, one.inodeNr());
        names.forget(one.inodeNr(), 1);
        assertGone(names, one.inodeNr());
      }
      volume.sync();
      assertEquals(free, volume.usage().freeInodes());
      assertEquals(0, volume.stats().inodes(), "in memory");
    }
    image.assertClean();
  }

  /** By a number that somebody kept. */
  private static void assertGone(Ext4Namespace names, long inodeNr) {
    Ext4Exception gone = assertThrows(Ext4Exception.class, () -> names.referIfThere(inodeNr));
    assertTrue(Set.of(Errno.ENOENT, Errno.ESTALE).contains(gone.errno()), gone::getMessage);
  }

  @Test
  void whatIsOpenStays() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    try (Ext4Volume volume = open(image);
        Arena arena = Arena.ofShared()) {
      Ext4Namespace names = volume.namespace();
      MemorySegment data = arena.allocate(4096, 4096);
      List<Ext4File> open = new ArrayList<>();
      for (int i = 0; i < 3 * IDLE_MAX; i++) {
        long inodeNr = names.create(ROOT, name(i), regular(0600)).inodeNr();
        Ext4File file = names.open(inodeNr, true);
        names.forget(inodeNr, 1);
        names.unlink(ROOT, name(i));
        open.add(file);
      }
      assertEquals(3 * IDLE_MAX, volume.stats().inodes());
      for (Ext4File file : open) {
        assertEquals(4096, file.io().write(0, data, 0));
        file.close();
      }
      assertEquals(0, volume.stats().inodes(), "in memory");
    }
    image.assertClean();
  }

  @Test
  void timesAreStoredBeforeAnInodeLeaves() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    Instant read;
    Instant written;
    try (Ext4Volume volume = open(image);
        Arena arena = Arena.ofShared()) {
      Ext4Namespace names = volume.namespace();
      MemorySegment data = arena.allocate(4096, 4096);
      for (int i = 0; i < FILES; i++) {
        InodeAttributes made =
            i % 2 == 0
                ? names.create(ROOT, name(i), regular(0600))
                : names.makeSymlink(ROOT, name(i), name(i), link());
        assertTrue(made.links() == 1);
      }
      clock.now = clock.now.plus(Duration.ofDays(2));
      read = clock.now;
      written = clock.now;
      for (int i = 0; i < FILES; i++) {
        long inodeNr = there(names.lookup(ROOT, name(i))).inodeNr();
        if (i % 2 == 0) {
          try (Ext4File file = names.open(inodeNr, true)) {
            assertEquals(4096, file.io().write(0, data, 0));
          }
        } else {
          assertEquals(name(i).length, names.readLink(inodeNr).length);
        }
      }
      awaitInodes(volume, 2 * IDLE_MAX);
      for (int i = 0; i < FILES; i++) {
        InodeAttributes now = there(names.lookup(ROOT, name(i)));
        assertEquals(i % 2 == 0 ? written : read, time(now, i), "file " + i);
      }
    }
    image.assertClean();
    try (Ext4Volume volume = open(image)) {
      for (int i = 0; i < FILES; i++) {
        assertEquals(read, time(there(lookup(volume, i)), i), "file " + i);
      }
    }
  }

  private static Instant time(InodeAttributes of, int i) {
    return i % 2 == 0 ? of.modificationTime() : of.accessTime();
  }

  private static InodeAttributes there(@Nullable InodeAttributes found) {
    return Objects.requireNonNull(found, "what was made is there");
  }

  private static @Nullable InodeAttributes lookup(Ext4Volume volume, int i) throws IOException {
    return volume.namespace().lookup(ROOT, name(i));
  }

  /** What waits for its times to be stored leaves in the background. */
  private static void awaitInodes(Ext4Volume volume, int most) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (volume.stats().inodes() > most && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
    assertTrue(volume.stats().inodes() <= most, volume.stats()::toString);
  }

  private Ext4Volume open(Ext4Image image) throws IOException {
    return Ext4Volume.open(
        image.file(),
        VolumeOptions.READ_WRITE
            .withDevice(OpenOptions.DEFAULT.withBuffered(true))
            .withCacheBytes(CACHE_BYTES)
            .withBehaviour(READS_ARE_NOTED)
            .withClock(clock));
  }

  private static byte[] name(int i) {
    return FileName.encode("name" + i);
  }

  private static NewInode regular(int mode) {
    return NewInode.of(FileKind.REGULAR, mode, 0, 0);
  }

  private static NewInode link() {
    return NewInode.of(FileKind.SYMLINK, 0777, 0, 0);
  }
}
