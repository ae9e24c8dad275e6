package dev.dioring.ext4lite.testimage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs a program of the system and keeps what it said. */
public final class ExternalTool {
  private static final List<String> DIRECTORIES =
      List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin");
  private static final long TIMEOUT_SECONDS = 120;

  /**
   * How a program ended.
   *
   * @param output stdout and stderr together
   */
  public record Outcome(int exitCode, String output) {}

  private ExternalTool() {}

  /** Skips the test where a program is not installed. */
  public static void assumeInstalled(String program) {
    Assumptions.assumeTrue(installed(program), program + " is not installed");
  }

  public static boolean installed(String program) {
    return DIRECTORIES.stream().anyMatch(d -> Files.isExecutable(Path.of(d, program)));
  }

  /** Runs a program that is there, whatever its exit code; skips the test where it is missing. */
  public static Outcome tryRun(List<String> command) throws IOException, InterruptedException {
    return tryRun(command, new byte[0]);
  }

  /** Runs a program with something on its standard input. */
  public static Outcome tryRun(List<String> command, byte[] input)
      throws IOException, InterruptedException {
    assumeInstalled(command.get(0));
    Path output = Files.createTempFile("tool", ".out");
    Path stdin = Files.createTempFile("tool", ".in");
    try {
      Files.write(stdin, input);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("PATH", String.join(":", DIRECTORIES));
      builder.environment().put("LC_ALL", "C.UTF-8");
      builder.environment().put("TZ", "UTC");
      builder.environment().put("E2FSPROGS_LIBMAGIC_SUPPRESS", "1");
      builder.environment().put("DEBUGFS_PAGER", "__none__");
      builder.redirectErrorStream(true).redirectOutput(output.toFile());
      Process process = builder.redirectInput(stdin.toFile()).start();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command + " did not end in " + TIMEOUT_SECONDS + " s");
      }
      return new Outcome(
          process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    } finally {
      Files.delete(output);
      Files.delete(stdin);
    }
  }

  /** Runs a program that must succeed. */
  public static String run(String... command) throws IOException, InterruptedException {
    Outcome outcome = tryRun(List.of(command));
    if (outcome.exitCode() != 0) {
      throw new IOException(
          String.join(" ", command) + ": exit " + outcome.exitCode() + ": " + outcome.output());
    }
    return outcome.output();
  }
}
