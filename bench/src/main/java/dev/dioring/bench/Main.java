package dev.dioring.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    version = Main.VERSION,
    sortOptions = false,
    description = "Measures files, devices and files in ext4 images, with fio's options.",
    subcommands = Suite.class,
    exitCodeOnInvalidInput = BenchException.USAGE)
public final class Main implements Callable<Integer> {
  static final String VERSION = "dioring-0.1";

  @Mixin private final JobOptions options = new JobOptions();

  @Option(names = "--output", description = "File for the report instead of standard output.")
  @Nullable Path output;

  @Option(names = "--output-format", description = "normal or json.")
  String outputFormat = "normal";

  @Option(names = "--eta", description = "Progress line on standard error: auto, always, never.")
  String eta = "auto";

  @Option(names = "--compare", description = "fio: alternate with fio, and print ratios.")
  String compare = "";

  @Option(names = "--rounds", description = "Rounds of a comparison (default: ${DEFAULT-VALUE}).")
  int rounds = 3;

  private Main() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command line. @return the exit code, as sysexits has them */
  static int run(String... args) {
    CommandLine line = new CommandLine(new Main());
    line.setParameterExceptionHandler(
        (e, ignored) -> {
          System.err.println("bench: " + e.getMessage() + " (see --help)");
          return BenchException.USAGE;
        });
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof BenchException failed) {
            System.err.println("bench: " + failed.getMessage());
            return failed.exitCode();
          }
          throw e;
        });
    return line.execute(args);
  }

  @Override
  public Integer call() throws BenchException {
    JobSpec spec = options.spec();
    boolean json = json(outputFormat);
    if (!compare.isEmpty()) {
      return compare(spec);
    }
    RunResult result = BenchRun.run(spec, Progress.of(eta));
    String text = json ? JsonReport.of(result) : TextReport.of(result);
    write(output, text);
    return 0;
  }

  private int compare(JobSpec spec) throws BenchException {
    if (!compare.equals("fio") || rounds < 1) {
      throw new BenchException(
          BenchException.USAGE, "--compare knows only fio, with at least one of --rounds");
    }
    Comparison comparison =
        Comparison.run(
            Contenders.withFio(spec), rounds, line -> System.err.println("bench: " + line));
    String against = spec.engine() == EngineKind.EXT4 ? Contenders.KERNEL : Contenders.FIO;
    write(output, comparison.text(against));
    return 0;
  }

  private static boolean json(String format) throws BenchException {
    return switch (format) {
      case "json" -> true;
      case "normal" -> false;
      default ->
          throw new BenchException(
              BenchException.USAGE,
              "--output-format=" + format + " is unknown; use normal or json");
    };
  }

  static void write(@Nullable Path file, String text) throws BenchException {
    if (file == null) {
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      out.print(text);
      if (out.checkError() || System.out.checkError()) {
        throw new BenchException(BenchException.IO_ERROR, "cannot write to standard output");
      }
      return;
    }
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BenchException(
          BenchException.CANNOT_CREATE, "cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
