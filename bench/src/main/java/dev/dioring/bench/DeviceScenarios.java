package dev.dioring.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** The suite's reads of plain files. */
final class DeviceScenarios {
  private static final int[] DEPTHS = {1, 32, 128};
  private static final int THREADS = 128;

  private DeviceScenarios() {}

  /** Random reads on the callback path, against the better of two ways to run fio. */
  static void reads(Suite suite, ResultTable table, Path directory, String where, double target)
      throws BenchException {
    Path file = directory.resolve("dioring-bench.data");
    try {
      for (int depth : DEPTHS) {
        List<String> arguments = arguments(suite, file, depth, List.of());
        String what = "4 KiB random read, " + where + ", depth " + depth;
        suite.log(what);
        JobSpec spec = spec(arguments);
        Medium.layOut(spec, 0);
        Comparison comparison = Comparison.run(Contenders.withFio(spec), suite.rounds, suite::log);
        table.add(
            what, comparison, Contenders.label(spec), comparison.best(Contenders.FIO), target);
        table.command(what, compared(suite, arguments));
      }
    } finally {
      delete(file);
    }
  }

  /** Blocking reads from virtual threads, against fio and against the JDK's own. */
  static void blocking(Suite suite, ResultTable table) throws BenchException {
    Path file = suite.directory.resolve("dioring-bench.data");
    String what = "4 KiB blocking random reads from " + THREADS + " virtual threads";
    suite.log(what);
    try {
      List<String> arguments = arguments(suite, file, THREADS, List.of("--submit=vthread"));
      JobSpec own = spec(arguments);
      JobSpec channel =
          spec(
              arguments(
                  suite, file, THREADS, List.of("--submit=vthread", "--ioengine=filechannel")));
      Medium.layOut(own, 0);
      PinnedThreads pinned = new PinnedThreads();
      List<Contender> contenders = new ArrayList<>();
      contenders.add(
          Contender.of(
              Contenders.label(own),
              () -> pinned.count(() -> Measure.of(BenchRun.run(own, Progress.silent())))));
      contenders.addAll(Contenders.fio(own));
      contenders.add(Contenders.own("FileChannel", channel));
      Comparison comparison = Comparison.run(contenders, suite.rounds, suite::log);
      String label = Contenders.label(own);
      table.add(what, comparison, label, comparison.best(Contenders.FIO), 0.9);
      table.add(what, comparison, label, "FileChannel", 1.0);
      table.command(what, compared(suite, arguments));
      table.note("Carriers pinned in all rounds, by JFR's count: " + pinned.count());
    } finally {
      delete(file);
    }
  }

  private static List<String> arguments(Suite suite, Path file, int depth, List<String> more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--filename=" + file,
                "--size=" + suite.size,
                "--direct=1",
                "--rw=randread",
                "--bs=4k",
                "--norandommap",
                "--iodepth=" + depth));
    arguments.addAll(suite.timed());
    arguments.addAll(more);
    return arguments;
  }

  static List<String> compared(Suite suite, List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.add("--compare=fio");
    all.add("--rounds=" + suite.rounds);
    return all;
  }

  static JobSpec spec(List<String> arguments) throws BenchException {
    JobOptions options = new JobOptions();
    new CommandLine(options).parseArgs(arguments.toArray(String[]::new));
    return options.spec();
  }

  static void delete(Path file) throws BenchException {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new BenchException(
          BenchException.IO_ERROR, "cannot remove " + file + ": " + e.getMessage(), e);
    }
  }
}
