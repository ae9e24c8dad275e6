package dev.dioring.ext4lite.crash;

import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks states, of one size; each thread has its own. */
final class CrashCheck implements AutoCloseable {
  /** Of how many states one is recovered by e2fsck too, and of how many one by the kernel. */
  private static final int E2FSCK_EVERY = 10;

  private static final int KERNEL_EVERY = 100;

  /**
   * What e2fsck may lawfully find on an image without a journal: blocks marked in use that nobody
   * owns, and a bitmap that was written when its checksum, which is in another block, was not.
   */
  private static final List<String> HARMLESS =
      List.of(
          "Block bitmap differences:",
          "does not match checksum",
          "FIXED.",
          "Free blocks count wrong",
          "i_blocks is",
          "could be narrower",
          "could be shorter",
          "was not cleanly unmounted",
          "FILE SYSTEM WAS MODIFIED",
          "Pass ",
          "Fix? ",
          "Optimize? ",
          "Padding at end of block bitmap");

  private final Path file;
  private final Path mountPoint;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment image;

  CrashCheck(long imageBytes, Path directory, int thread) {
    file = directory.resolve("state-" + thread + ".img");
    mountPoint = directory.resolve("mounted-" + thread);
    image = arena.allocate(imageBytes, 4096);
  }

  /**
   * Checks one state.
   *
   * @param number decides by whom it is recovered, besides us; 0 for all
   * @return what is wrong, or null
   */
  @Nullable String check(CrashState state, int number) throws Exception {
    try {
      String wrong = state.journaled() ? checkJournaled(number, state) : checkPlain(state);
      return wrong == null ? null : state.what() + ": " + wrong;
    } catch (IOException | RuntimeException e) {
      return state.what() + ": " + e;
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  private @Nullable String checkJournaled(int number, CrashState state) throws Exception {
    make(state);
    String wrong = recoverByUs(state);
    if (wrong == null) {
      store();
      wrong = fsck("-fn", 0);
    }
    if (wrong == null && number % E2FSCK_EVERY == 0) {
      make(state);
      store();
      wrong = fsck("-fy", 1);
      wrong = wrong != null ? wrong : compare(state, "e2fsck");
    }
    if (wrong == null && number % KERNEL_EVERY == 0 && LoopMount.isPossible()) {
      make(state);
      store();
      wrong = mount(state);
    }
    return wrong;
  }

  private @Nullable String checkPlain(CrashState state) throws Exception {
    make(state);
    store();
    String wrong = repairPlain(file);
    return wrong != null ? wrong : compare(state, "e2fsck");
  }

  /**
   * Repairs an image without a journal.
   *
   * @return what e2fsck found that no lawful crash leaves behind, or null
   */
  static @Nullable String repairPlain(Path file) throws Exception {
    ExternalTool.Outcome repair = ExternalTool.tryRun(List.of("e2fsck", "-fy", file.toString()));
    if (repair.exitCode() > 1) {
      return "e2fsck -fy: " + repair.output();
    }
    for (String line : repair.output().lines().toList()) {
      boolean harmless =
          line.isBlank()
              || line.startsWith("e2fsck ")
              || line.contains(file + ":")
              || HARMLESS.stream().anyMatch(line::contains);
      if (!harmless) {
        return "e2fsck -fy: " + line;
      }
    }
    return null;
  }

  private void make(CrashState state) {
    state.image().copyTo(image);
  }

  private void store() throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = image.asByteBuffer();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private void load() throws IOException {
    image.copyFrom(MemorySegment.ofArray(Files.readAllBytes(file)));
  }

  /** Opens the image for writing, which replays its journal, reads the files, and closes it. */
  private @Nullable String recoverByUs(CrashState state) throws IOException {
    try (Ext4Volume volume = Ext4Volume.open(ImageDevice.of(image), VolumeOptions.READ_WRITE)) {
      return volume.isWritable() ? contents(volume, state) : volume.readOnlyReason();
    }
  }

  /** Looks at the files of a clean image without changing it. */
  private @Nullable String compare(CrashState state, String who) throws IOException {
    load();
    try (Ext4Volume volume = Ext4Volume.open(ImageDevice.of(image), VolumeOptions.READ_ONLY)) {
      String wrong = contents(volume, state);
      return wrong == null ? null : "recovered by " + who + ": " + wrong;
    }
  }

  private @Nullable String contents(Ext4Volume volume, CrashState state) throws IOException {
    for (Oracle oracle : state.oracles()) {
      String wrong;
      try (Ext4File opened = volume.openFile(volume.resolve(Workload.path(oracle.file())), false);
          Arena memory = Arena.ofShared()) {
        MemorySegment content = memory.allocate(Math.max(4096, opened.sizeBytes()), 4096);
        long read = opened.io().read(0, content, 0);
        if (read != opened.sizeBytes()) {
          return "reading file " + oracle.file() + ": " + read;
        }
        wrong = oracle.check(content.asSlice(0, read), state.cut());
      }
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private @Nullable String mount(CrashState state) throws Exception {
    try (LoopMount mount = LoopMount.writable(file, mountPoint)) {
      for (Oracle oracle : state.oracles()) {
        Path path = mount.directory().resolve(Workload.path(oracle.file()).substring(1));
        byte[] content = Files.readAllBytes(path);
        String wrong = oracle.check(MemorySegment.ofArray(content), state.cut());
        if (wrong != null) {
          return "mounted by the kernel: " + wrong;
        }
      }
    }
    return null;
  }

  private @Nullable String fsck(String mode, int exitMax) throws Exception {
    ExternalTool.Outcome outcome = ExternalTool.tryRun(List.of("e2fsck", mode, file.toString()));
    return outcome.exitCode() <= exitMax ? null : "e2fsck " + mode + ": " + outcome.output();
  }
}
