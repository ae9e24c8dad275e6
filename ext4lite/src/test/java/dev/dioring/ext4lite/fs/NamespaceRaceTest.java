package dev.dioring.ext4lite.fs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.OpenOptions;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many threads look the same few names up, hold on to what they find, forget it, and meanwhile
 * make, remove, rename, open and list them: what is referred to stays the same file, and in the end
 * nothing is left referred to.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NamespaceRaceTest {
  private static final long SEED = Long.getLong("dioring.race.seed", 42);
  private static final int THREADS = 12;
  private static final int STEPS = Integer.getInteger("dioring.race.steps", 4000);
  private static final int HELD_MAX = 8;

  /** So small that no more than 64 inodes stay that nobody works with. */
  private static final long CACHE_BYTES = 128 << 10;

  private static final Set<Integer> LOST_RACES =
      Set.of(Errno.ENOENT, Errno.EEXIST, Errno.EPERM, Errno.EMLINK);

  @TempDir Path temp = Path.of("");

  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  /** What a thread refers to, and the generation that told it apart when it was found. */
  private record Held(long inodeNr, int generation) {}

  /** With many names most inodes leave memory and are read again while somebody refers to them. */
  @ParameterizedTest
  @ValueSource(ints = {6, 400})
  void whatIsReferredToStaysTheSame(int count) throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    VolumeOptions options =
        VolumeOptions.READ_WRITE
            .withDevice(OpenOptions.DEFAULT.withBuffered(true))
            .withCacheBytes(CACHE_BYTES);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), options)) {
      Ext4Namespace names = volume.namespace();
      int before = volume.stats().inodes();
      long lookedUp = volume.stats().inodesLookedUp();
      long[] directories = new long[2];
      for (int i = 0; i < directories.length; i++) {
        NewInode directory = NewInode.of(FileKind.DIRECTORY, 0755, 0, 0);
        byte[] name = {(byte) ('x' + i)};
        directories[i] = names.makeDirectory(Ext4Inode.ROOT_NR, name, directory).inodeNr();
      }
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        SplittableRandom random = new SplittableRandom(SEED + i);
        Runnable racer = new Racer(names, directories, count, random);
        threads.add(
            i % 2 == 0 ? Thread.ofPlatform().start(racer) : Thread.ofVirtual().start(racer));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      for (Throwable failure : failures) {
        throw new AssertionError("seed " + SEED, failure);
      }
      for (long directory : directories) {
        names.forget(directory, 1);
      }
      assertEquals(before, volume.stats().inodes(), "inodes in memory, seed " + SEED);
      assertEquals(lookedUp, volume.stats().inodesLookedUp(), "seed " + SEED);
    }
    image.assertClean();
    assertNull(image.header().get("FS Error count"), "an error was recorded, seed " + SEED);
  }

  private final class Racer implements Runnable {
    private final Ext4Namespace names;
    private final long[] directories;
    private final int count;
    private final SplittableRandom random;
    private final ArrayDeque<Held> held = new ArrayDeque<>();

    Racer(Ext4Namespace names, long[] directories, int count, SplittableRandom random) {
      this.names = names;
      this.count = count;
      this.directories = directories;
      this.random = random;
    }

    @Override
    public void run() {
      try {
        for (int step = 0; step < STEPS && failures.isEmpty(); step++) {
          step();
        }
        while (!held.isEmpty()) {
          forgetOne();
        }
      } catch (Throwable t) {
        failures.add(t);
      }
    }

    private void step() throws IOException {
      try {
        act();
      } catch (Ext4Exception e) {
        if (!LOST_RACES.contains(e.errno())) {
          throw e;
        }
      }
      if (held.size() > HELD_MAX || random.nextInt(4) == 0) {
        forgetOne();
      }
    }

    private void act() throws IOException {
      long directory = directories[random.nextInt(directories.length)];
      byte[] name = name();
      switch (random.nextInt(8)) {
        case 0, 1 -> hold(names.lookup(directory, name));
        case 2 -> hold(names.create(directory, name, NewInode.of(FileKind.REGULAR, 0644, 0, 0)));
        case 3 -> names.unlink(directory, name);
        case 4 -> {
          long target = directories[random.nextInt(directories.length)];
          names.rename(directory, name, target, name(), random.nextInt(3));
        }
        case 5 -> {
          if (!held.isEmpty()) {
            hold(names.link(held.getFirst().inodeNr, directory, name));
          }
        }
        case 6 -> listAndRefer(directory);
        default -> openOne();
      }
    }

    /** What was listed may be removed before it is referred to. */
    private void listAndRefer(long directory) throws IOException {
      List<Long> found = new ArrayList<>();
      names.readDirectory(
          directory,
          0,
          (inodeNr, kind, name, cookie) -> {
            if (name[0] != '.') {
              found.add(inodeNr);
            }
            return true;
          });
      for (long inodeNr : found) {
        try {
          names.forget(names.referIfThere(inodeNr).inodeNr(), 1);
        } catch (Ext4Exception e) {
          // It was removed meanwhile.
          assertTrue(e.errno() == Errno.ENOENT || e.errno() == Errno.ESTALE, e::toString);
        }
      }
    }

    private void openOne() throws IOException {
      if (!held.isEmpty()) {
        Held one = held.getFirst();
        requireSame(one);
        try (Ext4File file = names.open(one.inodeNr, true)) {
          assertEquals(one.inodeNr, file.inodeNr());
        }
      }
    }

    private void hold(@org.jspecify.annotations.Nullable InodeAttributes found) {
      if (found != null) {
        held.addLast(new Held(found.inodeNr(), found.generation()));
      }
    }

    private void forgetOne() throws IOException {
      Held one = held.pollFirst();
      if (one != null) {
        requireSame(one);
        names.forget(one.inodeNr, 1);
      }
    }

    private void requireSame(Held one) throws IOException {
      InodeAttributes now = names.attributes(one.inodeNr);
      assertEquals(one.generation, now.generation(), "inode " + one.inodeNr + " became another");
    }

    private byte[] name() {
      return ("name" + random.nextInt(count)).getBytes(US_ASCII);
    }
  }
}
