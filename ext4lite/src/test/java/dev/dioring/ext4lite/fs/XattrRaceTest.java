package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attributes of an inode change while others read what lies beside them in it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class XattrRaceTest {
  private static final int STEPS = 20_000;
  private static final byte[] NAME = FileName.encode("a name that has no room in i_block");
  private static final byte[] TARGET = FileName.encode("x".repeat(100));

  /** Version 2, with an entry for each of owner, group, mask and others, and one for user 1. */
  private static final byte[] ACL = {
    2, 0, 0, 0, 1, 0, 7, 0, -1, -1, -1, -1, 2, 0, 7, 0, 1, 0, 0, 0, 4, 0, 5, 0, -1, -1, -1, -1, 16,
    0, 7, 0, -1, -1, -1, -1, 32, 0, 5, 0, -1, -1, -1, -1
  };

  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  @TempDir Path temp = Path.of("");

  private interface Step {
    void run(int number) throws IOException;
  }

  @Test
  void readersSeeTheOldOrTheNew() throws Exception {
    Ext4Image image =
        Ext4Image.make(temp.resolve("image"), "16M", "-O", "inline_data", "-I", "512");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      Ext4Namespace names = volume.namespace();
      NewInode directory = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);
      NewInode file = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      NewInode symlink = NewInode.of(FileKind.SYMLINK, 0777, 0, 0);
      long top = names.makeDirectory(Ext4Inode.ROOT_NR, FileName.encode("d"), directory).inodeNr();
      long made = names.create(top, FileName.encode("a first name in i_block"), file).inodeNr();
      names.create(top, NAME, file);
      long link =
          names.makeSymlink(Ext4Inode.ROOT_NR, FileName.encode("l"), TARGET, symlink).inodeNr();
      race(
          number -> {
            // They are put before or behind what the readers look at.
            names.setXattr(top, "user.value", new byte[number % 32], 0);
            names.setXattr(top, "system.posix_acl_default", ACL, 0);
            names.removeXattr(top, "user.value");
            names.removeXattr(top, "system.posix_acl_default");
          },
          number -> assertNotNull(names.lookup(top, NAME)),
          number -> names.forget(names.makeUnnamed(top, file).inodeNr(), 1));
      names.setXattr(top, "system.posix_acl_access", ACL, 0);
      race(
          number -> names.change(top, AttributeChange.NONE.withMode(0700 | number % 64)),
          number -> assertNotNull(names.lookup(top, NAME)));
      race(
          number -> {
            names.setXattr(link, "trusted.value", new byte[number % 32], 0);
            names.removeXattr(link, "trusted.value");
          },
          number -> assertEquals(TARGET.length, names.readLink(link).length));
      race(
          number -> {
            names.setXattr(made, "user.value", new byte[number % 32], 0);
            names.setXattr(made, "system.posix_acl_access", ACL, 0);
            names.removeXattr(made, "user.value");
            names.removeXattr(made, "system.posix_acl_access");
          },
          number -> names.change(made, AttributeChange.NONE.withMode(0600 | number % 64)));
    }
    image.assertClean();
    assertNull(image.header().get("FS Error count"), "an error was recorded");
  }

  /** Runs the steps of several threads at the same time. */
  private void race(Step... all) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (Step step : all) {
      threads.add(Thread.ofPlatform().start(() -> repeat(step)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Throwable failure : failures) {
      throw new AssertionError("a step failed", failure);
    }
  }

  private void repeat(Step step) {
    try {
      for (int number = 0; number < STEPS && failures.isEmpty(); number++) {
        step.run(number);
      }
    } catch (Throwable t) {
      failures.add(t);
    }
  }
}
