package dev.dioring.ext4lite.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes that may reach the disk later behave as if they had reached it at once. */
@Timeout(120)
class DelayedWriteTest {
  private static final int ROOT = 2;
  private static final int BLOCK = 4096;
  private static final int WINDOW = 1 << 20;

  private @TempDir Path directory;

  /** A new file in an open volume. */
  private static final class Subject implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment window = arena.allocate(WINDOW, BLOCK);
    private final Ext4Namespace names;
    private final long inodeNr;
    private final Ext4File file;
    private final int alignmentBytes;

    Subject(Ext4Volume volume, String name) throws Exception {
      names = volume.namespace();
      NewInode regular = NewInode.of(FileKind.REGULAR, 0644, 0, 0);
      inodeNr = names.create(ROOT, bytes(name), regular).inodeNr();
      file = names.open(inodeNr, true);
      alignmentBytes = volume.device().geometry().offsetAlignmentBytes();
    }

    /** As a mount does it. */
    void write(long position, byte[] content) throws Exception {
      MemorySegment data = MemorySegment.ofArray(content);
      int taken = file.writeLater(position, data);
      if (taken == -Errno.EAGAIN) {
        taken = file.writeLaterInTurn(position, data);
      }
      if (taken == -Errno.EAGAIN) {
        taken = (int) writeNow(position, content);
      }
      assertEquals(content.length, taken);
    }

    long writeNow(long position, byte[] content) throws Exception {
      MemorySegment.copy(
          MemorySegment.ofArray(content), 0, window, position % alignmentBytes, content.length);
      return file.writeBytes(position, content.length, window, 0);
    }

    byte[] read(long blockAt, int length) throws Exception {
      MemorySegment memory = window.asSlice(0, length);
      long read = file.io().read(blockAt, memory, 0);
      assertTrue(read >= 0, () -> Errno.describe((int) read));
      return memory.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() throws IOException {
      file.close();
      names.forget(inodeNr, 1);
      arena.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-O ^has_journal", "-b 1024", "-O inline_data", "-O ^extents,^64bit"})
  void randomOperationsMatchAModel(String options) throws Exception {
    long seed = Long.getLong("dioring.seed", System.nanoTime());
    System.out.println("seed " + seed + " for '" + options + "'");
    Random random = new Random(seed);
    Ext4Image image = image(options);
    SparseModel model = new SparseModel();
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      try (Subject subject = new Subject(volume, "file")) {
        long end = 0;
        for (int i = 0; i < 600; i++) {
          end = step(volume, subject, model, random, end);
          assertEquals(model.sizeBytes(), subject.names.attributes(subject.inodeNr).sizeBytes());
        }
        assertContent(subject, model);
      }
    }
    image.assertClean();
    try (LoopMount mount = LoopMount.readOnly(image.file(), directory.resolve("mounted"))) {
      byte[] all = Files.readAllBytes(mount.directory().resolve("file"));
      assertArrayEquals(model.read(0, (int) model.sizeBytes()), all);
    }
  }

  /** Does one of the things that programs do. @return where the last write ended */
  private static long step(
      Ext4Volume volume, Subject subject, SparseModel model, Random random, long end)
      throws Exception {
    int kind = random.nextInt(20);
    long position = kind < 12 ? end : random.nextInt(600_000);
    if (kind < 15) {
      byte[] content = new byte[1 + random.nextInt(random.nextInt(8) == 0 ? 90_000 : 9_000)];
      random.nextBytes(content);
      if (kind < 14) {
        subject.write(position, content);
      } else {
        assertEquals(content.length, subject.writeNow(position, content));
      }
      model.write(position, content);
      return position + content.length > 600_000 ? 0 : position + content.length;
    }
    long block = position & -BLOCK;
    switch (kind) {
      case 15 -> {
        var unused =
            subject.names.change(subject.inodeNr, AttributeChange.NONE.withSizeBytes(position));
        model.resize(position);
      }
      case 16 -> assertArrayEquals(model.read(block, 65536), subject.read(block, 65536));
      case 17 -> subject.file.sync(random.nextBoolean());
      case 18 -> volume.sync();
      default -> assertContent(subject, model);
    }
    return end;
  }

  private static void assertContent(Subject subject, SparseModel model) throws Exception {
    for (long at = 0; at < model.sizeBytes(); at += WINDOW) {
      assertArrayEquals(model.read(at, WINDOW), subject.read(at, WINDOW));
    }
  }

  @Test
  void manyFilesAreWrittenAsMemoryRunsShort() throws Exception {
    Ext4Image image = image("");
    byte[] content = new byte[5000];
    int files = 4000;
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      for (int i = 0; i < files; i++) {
        try (Subject subject = new Subject(volume, "file" + i)) {
          new Random(i).nextBytes(content);
          subject.write(0, content);
        }
      }
    }
    image.assertClean();
    try (LoopMount mount = LoopMount.readOnly(image.file(), directory.resolve("mounted"))) {
      for (int i = 0; i < files; i++) {
        new Random(i).nextBytes(content);
        assertArrayEquals(content, Files.readAllBytes(mount.directory().resolve("file" + i)));
      }
    }
  }

  @Test
  void whatWasPromisedToContentInMemoryIsNotGivenToOthers() throws Exception {
    Ext4Image image = image("-m 0");
    byte[] content = new byte[60_000];
    new Random(3).nextBytes(content);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Subject first = new Subject(volume, "first");
        Subject second = new Subject(volume, "second")) {
      first.write(0, content);
      assertTrue(first.file.hasDelayedWrites());
      long position = 0;
      byte[] much = new byte[1 << 19];
      while (second.writeNow(position, much) == much.length) {
        position += much.length;
      }
      first.file.sync(true);
      assertArrayEquals(content, first.read(0, 65536));
    }
    image.assertClean();
  }

  /** While others take every block they can get. */
  @Test
  void whatWasTakenIsWrittenThoughTheVolumeFills() throws Exception {
    Ext4Image image = image("-m 0 -N 512");
    int files = 150;
    byte[] content = new byte[60_000];
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch full = new CountDownLatch(1);
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Subject hog = new Subject(volume, "hog")) {
      List<Subject> subjects = new ArrayList<>();
      for (int i = 0; i < files; i++) {
        Subject subject = new Subject(volume, "file" + i);
        subject.write(0, content);
        subjects.add(subject);
      }
      Thread greedy = Thread.ofPlatform().start(() -> fill(hog, full, stop));
      assertTrue(full.await(60, TimeUnit.SECONDS), "the volume never was full");
      for (Subject subject : subjects) {
        subject.file.sync(true);
        subject.close();
      }
      stop.set(true);
      greedy.join();
    }
    image.assertClean();
  }

  private static void fill(Subject hog, CountDownLatch full, AtomicBoolean stop) {
    long position = 0;
    while (!stop.get()) {
      try {
        long written = hog.writeNow(position, new byte[64 << 10]);
        position += Math.max(0, written) & -BLOCK;
        if (written == -Errno.ENOSPC) {
          full.countDown();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void aFileThatReplacesAnotherHasItsContentFirst() throws Exception {
    Ext4Image image = image("");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      try (Subject old = new Subject(volume, "name");
          Subject replacement = new Subject(volume, "new")) {
        old.write(0, bytes("old"));
        replacement.write(0, bytes("replacement"));
        volume.namespace().rename(ROOT, bytes("new"), ROOT, bytes("name"), 0);
        assertFalse(replacement.file.hasDelayedWrites());
        assertTrue(old.file.hasDelayedWrites());
      }
    }
    image.assertClean();
    assertTrue(image.debugfs("cat name").contains("replacement"));
  }

  /** As programs do that open with O_TRUNC, write and close, and do not sync. */
  @Test
  void aNewVersionIsWrittenWhenItIsClosed() throws Exception {
    Ext4Image image = image("");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Subject rewritten = new Subject(volume, "rewritten");
        Subject fresh = new Subject(volume, "fresh")) {
      rewritten.write(0, bytes("old"));
      var unused = rewritten.names.change(rewritten.inodeNr, AttributeChange.NONE.withSizeBytes(0));
      rewritten.write(0, bytes("new version"));
      fresh.write(0, bytes("first version"));
      rewritten.file.close();
      fresh.file.close();
      assertFalse(isLeftForLater(volume, rewritten));
      assertTrue(isLeftForLater(volume, fresh));
    }
    image.assertClean();
    assertTrue(image.debugfs("cat rewritten").contains("new version"));
  }

  /** Whether content waits that is not due before a day has passed. */
  private static boolean isLeftForLater(Ext4Volume volume, Subject subject) throws IOException {
    InodeCache inodes = volume.reader().inodes();
    LiveInode live = inodes.acquire(subject.inodeNr);
    try {
      DelayedWrite delayed = Objects.requireNonNull(Objects.requireNonNull(live.file()).delayed());
      return delayed.isPending() && !delayed.isDue(TimeUnit.DAYS.toNanos(1), System.nanoTime());
    } finally {
      inodes.release(live);
    }
  }

  @Test
  void timesThatAreSetStay() throws Exception {
    Ext4Image image = image("");
    Instant set = Instant.parse("2001-02-03T04:05:06.700Z");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Subject subject = new Subject(volume, "file")) {
      subject.write(0, bytes("content"));
      var unused =
          subject.names.change(subject.inodeNr, AttributeChange.NONE.withModificationTime(set));
      volume.sync();
      assertFalse(subject.file.hasDelayedWrites());
      assertEquals(set, subject.names.attributes(subject.inodeNr).modificationTime());
    }
  }

  @Test
  void largeAndDurableWritesAreNotTaken() throws Exception {
    Ext4Image image = image("");
    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE);
        Subject subject = new Subject(volume, "file")) {
      MemorySegment large = MemorySegment.ofArray(new byte[1 << 20]);
      assertEquals(-Errno.EAGAIN, subject.file.writeLater(0, large));
      MemorySegment block = subject.window.asSlice(0, BLOCK);
      subject.write(0, bytes("first"));
      assertEquals(BLOCK, subject.file.io().write(0, block.fill((byte) 'x'), Kiocb.DSYNC));
      assertFalse(subject.file.hasDelayedWrites());
      assertEquals(BLOCK, subject.read(0, BLOCK).length);
    }
  }

  private Ext4Image image(String options) throws Exception {
    return Ext4Image.make(
        directory.resolve("image"),
        "64M",
        options.isEmpty() ? new String[0] : options.split(" ", -1));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
