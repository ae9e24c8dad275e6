package dev.dioring.ext4lite.crash;

import dev.dioring.engine.block.PowerCut;
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

/** Checks states of one recorded workload; each thread has its own. */
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

  private final Recorded recorded;
  private final PowerCut cuts;
  private final Path file;
  private final Path mountPoint;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment image;

  CrashCheck(Recorded recorded, PowerCut cuts, Path directory, int thread) {
    this.recorded = recorded;
    this.cuts = cuts;
    file = directory.resolve("state-" + thread + ".img");
    mountPoint = directory.resolve("mounted-" + thread);
    image = arena.allocate(recorded.initial().length, 4096);
  }

  /**
   * Checks one state.
   *
   * @return what is wrong, or null; the state's image is then left in {@link #file}
   */
  @Nullable String check(int number) throws Exception {
    PowerCut.State state = cuts.state(number);
    try {
      String wrong = recorded.journaled() ? checkJournaled(number, state) : checkPlain(state);
      return wrong == null ? null : state + ": " + wrong;
    } catch (IOException | RuntimeException e) {
      return state + ": " + e;
    }
  }

  /** Leaves a state as the cut left it in {@link #file}. */
  void store(int number) throws IOException {
    make(cuts.state(number));
    store();
  }

  Path file() {
    return file;
  }

  @Override
  public void close() {
    arena.close();
  }

  private @Nullable String checkJournaled(int number, PowerCut.State state) throws Exception {
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

  private @Nullable String checkPlain(PowerCut.State state) throws Exception {
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

  private void make(PowerCut.State state) {
    image.copyFrom(MemorySegment.ofArray(recorded.initial()));
    state.applyTo(image);
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
  private @Nullable String recoverByUs(PowerCut.State state) throws IOException {
    try (Ext4Volume volume = Ext4Volume.open(ImageDevice.of(image), VolumeOptions.READ_WRITE)) {
      return volume.isWritable() ? contents(volume, state) : volume.readOnlyReason();
    }
  }

  /** Looks at the files of a clean image without changing it. */
  private @Nullable String compare(PowerCut.State state, String who) throws IOException {
    load();
    try (Ext4Volume volume = Ext4Volume.open(ImageDevice.of(image), VolumeOptions.READ_ONLY)) {
      String wrong = contents(volume, state);
      return wrong == null ? null : "recovered by " + who + ": " + wrong;
    }
  }

  private @Nullable String contents(Ext4Volume volume, PowerCut.State state) throws IOException {
    for (Oracle oracle : recorded.oracles()) {
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

  private @Nullable String mount(PowerCut.State state) throws Exception {
    try (LoopMount mount = LoopMount.writable(file, mountPoint)) {
      for (Oracle oracle : recorded.oracles()) {
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
