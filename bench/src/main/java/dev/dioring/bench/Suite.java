package dev.dioring.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** All measurements that the project has a target for, as one Markdown table. */
@Command(
    name = "suite",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Runs the measurements that have a target, beside fio and the kernel.")
final class Suite implements Callable<Integer> {
  private static final List<String> PARTS =
      List.of("disk", "tmpfs", "blocking", "ext4", "journal", "tree");

  @Option(names = "--dir", required = true, description = "Directory on a disk, for test files.")
  Path directory = Path.of(".");

  @Option(names = "--tmpfs", description = "Directory in memory (default: ${DEFAULT-VALUE}).")
  Path memory = Path.of("/dev/shm");

  @Option(names = "--runtime", description = "Of each timed run (default: ${DEFAULT-VALUE}).")
  String runtime = "5s";

  @Option(names = "--ramp_time", description = "Before each timed run (default: ${DEFAULT-VALUE}).")
  String rampTime = "2s";

  @Option(names = "--rounds", description = "Alternating rounds (default: ${DEFAULT-VALUE}).")
  int rounds = 5;

  @Option(names = "--size", description = "Of the files read (default: ${DEFAULT-VALUE}).")
  String size = "1g";

  @Option(
      names = "--only",
      split = ",",
      description = "Parts: disk, tmpfs, blocking, ext4, journal, tree.")
  List<String> only = new ArrayList<>();

  @Option(names = "--output", description = "File for the table instead of standard output.")
  @Nullable Path output;

  @Override
  public Integer call() throws BenchException {
    for (Path path : List.of(directory, memory)) {
      if (!Files.isDirectory(path)) {
        throw new BenchException(BenchException.NO_INPUT, path + " is not a directory");
      }
    }
    if (rounds < 1) {
      throw new BenchException(BenchException.USAGE, "--rounds must be at least 1");
    }
    for (String part : only) {
      if (!PARTS.contains(part)) {
        throw new BenchException(
            BenchException.USAGE,
            "--only=" + part + " is no part; there are " + String.join(", ", PARTS));
      }
    }
    ResultTable table = new ResultTable(rounds);
    if (wants("disk")) {
      DeviceScenarios.reads(this, table, directory, "disk", 1.0);
    }
    if (wants("tmpfs")) {
      DeviceScenarios.reads(this, table, memory, "tmpfs", 0.95);
    }
    if (wants("blocking")) {
      DeviceScenarios.blocking(this, table);
    }
    if (wants("ext4")) {
      ImageScenarios.writes(this, table);
    }
    if (wants("journal")) {
      ImageScenarios.journaled(this, table);
    }
    if (wants("tree")) {
      ImageScenarios.tree(this, table);
    }
    Main.write(output, table.markdown());
    return 0;
  }

  private boolean wants(String part) {
    return only.isEmpty() || only.contains(part);
  }

  /** The command that repeats a part. */
  List<String> again(String part) {
    return List.of("suite", "--dir=" + directory, "--rounds=" + rounds, "--only=" + part);
  }

  void log(String line) {
    System.err.println("bench: " + line);
  }

  /** The options of a timed job. */
  List<String> timed() {
    return List.of("--time_based", "--runtime=" + runtime, "--ramp_time=" + rampTime);
  }
}
