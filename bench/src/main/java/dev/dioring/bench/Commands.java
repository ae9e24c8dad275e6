package dev.dioring.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs other programs. */
final class Commands {
  private Commands() {}

  /**
   * Runs a program to its end.
   *
   * @return what it wrote on standard output
   */
  static String run(List<String> command) throws BenchException {
    String program = command.get(0);
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new BenchException(
          BenchException.UNAVAILABLE, program + " cannot be run; is it installed?", e);
    }
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      if (exit != 0) {
        throw new BenchException(
            BenchException.UNAVAILABLE, String.join(" ", command) + " failed with exit " + exit);
      }
      return output;
    } catch (IOException e) {
      throw new BenchException(
          BenchException.IO_ERROR, "reading from " + program + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException(BenchException.UNAVAILABLE, program + " was interrupted", e);
    } finally {
      process.destroy();
    }
  }

  static String run(String... command) throws BenchException {
    return run(List.of(command));
  }
}
