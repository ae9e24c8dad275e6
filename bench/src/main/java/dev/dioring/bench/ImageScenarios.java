package dev.dioring.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The suite's measurements of a file in an ext4 image, against the kernel's mount of it. */
final class ImageScenarios {
  private static final int ENTRIES = 20_000;
  private static final String IMAGE_BYTES = "1g";
  private static final String FILE_BYTES = "256m";
  private static final String LARGE_FILE_BYTES = "1g";
  private static final int DEPTH = 32;
  private static final int WRITERS = 32;
  private static final String SYNCED_IMAGE_BYTES = "3g";

  /** Of each writer: more than it writes in the time it has, or it would write over its own. */
  private static final String APPENDED_BYTES = "64m";

  private ImageScenarios() {}

  /** Random writes, first into unwritten extents, then over what is written. */
  static void writes(Suite suite, ResultTable table) throws BenchException {
    Path image = suite.directory.resolve("dioring-bench.img");
    try (TestImage made = TestImage.make(image, IMAGE_BYTES)) {
      made.file("unwritten");
      made.written("written", FILE_BYTES);
      made.format();
      compare(
          suite,
          table,
          "first-time 4 KiB writes, depth " + DEPTH,
          "unwritten",
          List.of("--unwritten"),
          image);
      compare(suite, table, "4 KiB overwrites, depth " + DEPTH, "written", List.of(), image);
    }
  }

  /** With a journal: random first writes, and appends that are synced one by one. */
  static void journaled(Suite suite, ResultTable table) throws BenchException {
    Path journaled = suite.directory.resolve("dioring-bench.img");
    Path plain = suite.directory.resolve("dioring-bench-plain.img");
    try (TestImage made = TestImage.make(journaled, SYNCED_IMAGE_BYTES);
        TestImage other = TestImage.make(plain, SYNCED_IMAGE_BYTES)) {
      made.file("unwritten");
      made.formatJournaled();
      other.file("unwritten");
      other.format();
      firstWrites(suite, table, journaled, plain);
      syncedAppends(suite, table, journaled);
    }
  }

  private static void firstWrites(Suite suite, ResultTable table, Path journaled, Path plain)
      throws BenchException {
    String what = "first-time 4 KiB writes with a journal, depth " + DEPTH;
    suite.log(what);
    JobSpec spec = randomWrites(journaled, "unwritten", LARGE_FILE_BYTES, List.of("--unwritten"));
    JobSpec without = randomWrites(plain, "unwritten", LARGE_FILE_BYTES, List.of("--unwritten"));
    String plainName = Contenders.label(without) + ", no journal";
    List<Contender> contenders = new ArrayList<>(Contenders.withFio(spec));
    contenders.add(1, ImageRounds.own(plainName, without));
    Comparison comparison = Comparison.run(contenders, suite.rounds, suite::log);
    String own = Contenders.label(spec);
    table.add(what, comparison, own, plainName, 0.9);
    table.add(what, comparison, own, comparison.best(Contenders.KERNEL), 1.0);
    table.command(what, suite.again("journal"));
  }

  private static void syncedAppends(Suite suite, ResultTable table, Path image)
      throws BenchException {
    String what = WRITERS + " writers, 4 KiB direct append and fdatasync each";
    suite.log(what);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--ioengine=ext4",
                "--submit=vthread",
                "--directory=" + image + ":/",
                "--name=append",
                "--numjobs=" + WRITERS,
                "--size=" + APPENDED_BYTES,
                "--direct=1",
                "--rw=write",
                "--bs=4k",
                "--fdatasync=1"));
    arguments.addAll(suite.timed());
    JobSpec spec = DeviceScenarios.spec(arguments);
    Comparison comparison = Comparison.run(Contenders.withFio(spec), suite.rounds, suite::log);
    table.add(what, comparison, Contenders.label(spec), comparison.best(Contenders.KERNEL), 0.8);
    table.command(what, suite.again("journal"));
  }

  private static JobSpec randomWrites(Path image, String file, String bytes, List<String> more)
      throws BenchException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--ioengine=ext4",
                "--filename=" + image + ":/" + file,
                "--size=" + bytes,
                "--direct=1",
                "--rw=randwrite",
                "--bs=4k",
                "--iodepth=" + DEPTH));
    arguments.addAll(more);
    return DeviceScenarios.spec(arguments);
  }

  private static void compare(
      Suite suite, ResultTable table, String what, String file, List<String> more, Path image)
      throws BenchException {
    suite.log(what);
    JobSpec spec = randomWrites(image, file, FILE_BYTES, more);
    Comparison comparison = Comparison.run(Contenders.withFio(spec), suite.rounds, suite::log);
    table.add(what, comparison, Contenders.label(spec), comparison.best(Contenders.KERNEL), 1.0);
    table.command(what, suite.again("ext4"));
  }

  /** Listing a large directory, and reading a large file in sequence. */
  static void tree(Suite suite, ResultTable table) throws BenchException {
    Path image = suite.directory.resolve("dioring-bench.img");
    try (TestImage made = TestImage.make(image, "2g")) {
      made.directory("many", ENTRIES);
      made.written("large", suite.size);
      made.format();
      String listing = "opening and listing " + ENTRIES + " entries";
      suite.log(listing);
      Listing lists = new Listing(image, "/many", ENTRIES + 2);
      Comparison listed = Comparison.run(lists.contenders(), suite.rounds, suite::log);
      table.add(listing, listed, Listing.OWN, Listing.KERNEL, 1 / 1.2);
      List<String> arguments =
          List.of(
              "--ioengine=ext4",
              "--filename=" + image + ":/large",
              "--size=" + suite.size,
              "--direct=1",
              "--rw=read",
              "--bs=1m",
              "--iodepth=4");
      String reading = "sequential read of " + suite.size;
      suite.log(reading);
      JobSpec spec = DeviceScenarios.spec(arguments);
      Comparison read = Comparison.run(Contenders.withFio(spec), suite.rounds, suite::log);
      table.add(reading, read, Contenders.label(spec), read.best(Contenders.KERNEL), 1 / 1.2);
      table.command(listing + ", " + reading, suite.again("tree"));
    }
  }
}
