package dev.dioring.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The comparison of ext4lite with the kernel's ext4. Each run has a fresh, fully written copy of
 * the image beside it, so no run profits from another's conversions, and the image stays as it is.
 */
final class ImageRounds {
  private static final List<String> REGISTERED =
      List.of("--registerfiles=1", "--fixedbufs=1", "--nonvectored=1");

  private final JobSpec spec;
  private final ImagePath file;

  private ImageRounds(JobSpec spec, ImagePath file) {
    this.spec = spec;
    this.file = file;
  }

  static List<Contender> contenders(JobSpec spec) throws BenchException {
    if (!LoopMount.isPossible()) {
      throw new BenchException(
          BenchException.NO_PERMISSION,
          "comparing with the kernel's ext4 needs root and loop devices");
    }
    ImageRounds rounds = new ImageRounds(spec, file(spec));
    if (spec.fsync() > 0) {
      // As fast as any other way to sync, and fio does not allocate the files ahead.
      List<String> blocking = List.of("--ioengine=psync", "--fallocate=none");
      return List.of(
          Contender.of(Contenders.label(spec), rounds::own),
          Contender.of(Contenders.KERNEL + ", fio psync", () -> rounds.kernel(blocking)));
    }
    return List.of(
        Contender.of(Contenders.label(spec), rounds::own),
        Contender.of(Contenders.KERNEL + ", fio", () -> rounds.kernel(List.of())),
        Contender.of(Contenders.KERNEL + ", fio registered", () -> rounds.kernel(REGISTERED)));
  }

  /** Ourselves alone. */
  static Contender own(String name, JobSpec spec) throws BenchException {
    ImageRounds rounds = new ImageRounds(spec, file(spec));
    return Contender.of(name, rounds::own);
  }

  /** What the jobs use of the image; its name may differ by job. */
  private static ImagePath file(JobSpec spec) throws BenchException {
    return ImagePath.parse(spec.filename());
  }

  private Measure own() throws BenchException {
    Path copy = copy();
    try {
      JobSpec onCopy = spec.withFilename(copy + ":" + file.path());
      return Measure.of(BenchRun.run(onCopy, Progress.silent()));
    } finally {
      delete(copy);
    }
  }

  private Measure kernel(List<String> variant) throws BenchException {
    Path copy = copy();
    try (LoopMount mount = LoopMount.of(copy)) {
      Path mounted = mount.directory().resolve(file.path().substring(1));
      if (spec.unwritten()) {
        String end = Long.toString(spec.offset() + spec.size());
        Commands.run("truncate", "--size=0", mounted.toString());
        Commands.run("fallocate", "--length=" + end, mounted.toString());
        Commands.run("sync", "--file-system", mounted.toString());
      }
      return Contenders.fio(spec.withFilename(mounted.toString()), variant);
    } finally {
      delete(copy);
    }
  }

  private Path copy() throws BenchException {
    Path copy = file.image().resolveSibling(file.image().getFileName() + ".bench-copy");
    Commands.run(
        "cp", "--sparse=never", "--reflink=never", file.image().toString(), copy.toString());
    Commands.run("sync", copy.toString());
    return copy;
  }

  private static void delete(Path copy) throws BenchException {
    try {
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      throw new BenchException(
          BenchException.IO_ERROR, "cannot remove " + copy + ": " + e.getMessage(), e);
    }
  }
}
