package dev.dioring.ext4lite.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Other people's programs that the demonstration runs. */
final class DemoTools {
  private static final List<String> DIRECTORIES =
      List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin");

  private DemoTools() {}

  static boolean installed(String program) {
    return DIRECTORIES.stream().anyMatch(d -> Files.isExecutable(Path.of(d, program)));
  }

  /** Runs a program, which must succeed. @return what it printed */
  static String run(List<String> command) throws IOException, InterruptedException {
    String program = command.get(0);
    if (!installed(program)) {
      throw new CliException(
          ExitStatus.UNAVAILABLE, program + " is not installed (it is in the package e2fsprogs)");
    }
    List<String> resolved = new ArrayList<>(command);
    ProcessBuilder builder = new ProcessBuilder(resolved).redirectErrorStream(true);
    builder.environment().put("PATH", String.join(":", DIRECTORIES));
    for (String directory : DIRECTORIES) {
      if (Files.isExecutable(Path.of(directory, program))) {
        resolved.set(0, directory + "/" + program);
        break;
      }
    }
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new CliException(
          ExitStatus.SOFTWARE, program + " failed with " + process.exitValue() + ": " + output);
    }
    return output;
  }
}
