package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When reads are noted, and that what was noted gets to the disk. */
class AccessTimesTest {
  @TempDir Path directory = Path.of("");

  private Path image = Path.of("");
  private Instant now =
      Instant.now().plus(Duration.ofDays(1)).truncatedTo(java.time.temporal.ChronoUnit.SECONDS);

  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return now;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
          return this;
        }

        @Override
        public java.time.ZoneId getZone() {
          return ZoneOffset.UTC;
        }
      };

  @BeforeEach
  void makeImage() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(Files.createDirectory(content.resolve("dir")).resolve("file"), "content");
    image = Ext4Image.populated(directory.resolve("disk.img"), "8M", content).file();
  }

  @Test
  void readsAfterAChangeAndOncePerDayAreNoted() throws Exception {
    Instant first = now;
    try (Ext4Volume volume = open(AccessTimes.RELATIVE, AccessTimes.RELATIVE)) {
      assertEquals(first, read(volume));
      pass(Duration.ofHours(1));
      assertEquals(first, read(volume), "neither changed nor a day old");
      pass(Duration.ofHours(23));
      assertEquals(now, read(volume), "a day old");
      pass(Duration.ofMinutes(1));
      InodeAttributes unused =
          volume.namespace().change(file(volume), AttributeChange.NONE.withMode(0100600));
      pass(Duration.ofMinutes(1));
      assertEquals(now, read(volume), "changed since");
    }
    try (Ext4Volume volume = open(AccessTimes.NEVER, AccessTimes.NEVER)) {
      assertEquals(now, accessTime(volume), "stored");
    }
    Ext4Image.of(image).assertClean();
  }

  @Test
  void everyReadIsNotedWhereThatIsAskedFor() throws Exception {
    try (Ext4Volume volume = open(AccessTimes.ALWAYS, AccessTimes.NEVER)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(now, read(volume));
        pass(Duration.ofSeconds(1));
      }
    }
  }

  @Test
  void noReadIsNotedOfFilesThatForbidIt() throws Exception {
    try (Ext4Volume volume = open(AccessTimes.ALWAYS, AccessTimes.ALWAYS)) {
      Instant before = accessTime(volume);
      InodeAttributes unused = volume.namespace().changeFlags(file(volume), 0x80000 | 0x80);
      assertEquals(before, read(volume));
    }
    try (Ext4Volume volume = open(AccessTimes.NEVER, AccessTimes.ALWAYS)) {
      Instant before = accessTime(volume);
      pass(Duration.ofDays(3));
      assertEquals(before, read(volume));
    }
  }

  @Test
  void directoriesAndLinksHaveThemToo() throws Exception {
    try (Ext4Volume volume = open(AccessTimes.ALWAYS, AccessTimes.ALWAYS)) {
      long nr = volume.resolve("/dir").inodeNr();
      volume.namespace().readDirectory(nr, 0, (inodeNr, kind, name, cookie) -> true);
      assertEquals(now, volume.namespace().attributes(nr).accessTime());
    }
    Instant listed = now;
    pass(Duration.ofDays(3));
    try (Ext4Volume volume = open(AccessTimes.ALWAYS, AccessTimes.NEVER)) {
      long nr = volume.resolve("/dir").inodeNr();
      volume.namespace().readDirectory(nr, 0, (inodeNr, kind, name, cookie) -> true);
      assertEquals(listed, volume.namespace().attributes(nr).accessTime());
    }
  }

  @Test
  void noListingIsNotedThatAskedForThat() throws Exception {
    try (Ext4Volume volume = open(AccessTimes.ALWAYS, AccessTimes.ALWAYS)) {
      long nr = volume.resolve("/dir").inodeNr();
      Instant before = volume.namespace().attributes(nr).accessTime();
      pass(Duration.ofDays(3));
      volume.namespace().peekDirectory(nr, 0, (inodeNr, kind, name, cookie) -> true);
      assertEquals(before, volume.namespace().attributes(nr).accessTime());
    }
  }

  @Test
  void changesOfTheTimeWinOverReadsBefore() throws Exception {
    Instant asked = Instant.ofEpochSecond(1_000_000_000);
    try (Ext4Volume volume = open(AccessTimes.ALWAYS, AccessTimes.ALWAYS)) {
      assertEquals(now, read(volume));
      InodeAttributes changed =
          volume.namespace().change(file(volume), AttributeChange.NONE.withAccessTime(asked));
      assertEquals(asked, changed.accessTime());
    }
    try (Ext4Volume volume = open(AccessTimes.NEVER, AccessTimes.NEVER)) {
      assertEquals(asked, accessTime(volume));
    }
  }

  /** What has to make a noted read durable. */
  private interface Storing {
    void store(Ext4Volume volume) throws IOException;
  }

  @Test
  void syncsAndOtherChangesOfTheInodeStoreThem() throws Exception {
    assertStoredBy(Ext4Volume::sync);
    assertStoredBy(
        volume -> {
          try (Ext4File file = volume.openFile(volume.resolve("/dir/file"), false)) {
            file.sync(false);
          }
        });
    assertStoredBy(
        volume -> {
          InodeAttributes unused =
              volume.namespace().change(file(volume), AttributeChange.NONE.withMode(0100600));
          volume.syncNames();
        });
    assertStoredBy(
        volume -> {
          volume.namespace().setXattr(file(volume), "user.x", new byte[] {1}, 0);
          volume.syncNames();
        });
  }

  /** A copy of the image, taken while it is in use, is what a crash would leave. */
  private void assertStoredBy(Storing storing) throws Exception {
    Path crashed = directory.resolve("crashed.img");
    pass(Duration.ofDays(2));
    try (Ext4Volume volume = open(AccessTimes.ALWAYS, AccessTimes.NEVER);
        Ext4File reader = volume.openFile(volume.resolve("/dir/file"), false);
        Arena arena = Arena.ofShared()) {
      assertEquals(7, reader.io().read(0, arena.allocate(4096, 4096), 0));
      storing.store(volume);
      Files.copy(image, crashed, StandardCopyOption.REPLACE_EXISTING);
    }
    Path kept = image;
    image = crashed;
    try (Ext4Volume volume = open(AccessTimes.NEVER, AccessTimes.NEVER)) {
      assertEquals(now, accessTime(volume));
    }
    image = kept;
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private Ext4Volume open(AccessTimes files, AccessTimes directories) throws IOException {
    Behaviour behaviour = new Behaviour(Ext4Options.NONE, files, directories, false, false);
    VolumeOptions options = VolumeOptions.READ_WRITE.withBehaviour(behaviour).withClock(clock);
    return Ext4Volume.open(image, options.withDevice(options.device().withBuffered(true)));
  }

  private static long file(Ext4Volume volume) throws IOException {
    return volume.resolve("/dir/file").inodeNr();
  }

  private static Instant accessTime(Ext4Volume volume) throws IOException {
    return volume.namespace().attributes(file(volume)).accessTime();
  }

  /** Reads the file and says when it was last read, while it is open. */
  private static Instant read(Ext4Volume volume) throws IOException {
    try (Ext4File file = volume.openFile(volume.resolve("/dir/file"), false);
        Arena arena = Arena.ofShared()) {
      assertEquals(7, file.io().read(0, arena.allocate(4096, 4096), 0));
      return accessTime(volume);
    }
  }
}
