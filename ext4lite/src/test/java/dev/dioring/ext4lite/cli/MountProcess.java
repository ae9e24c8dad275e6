package dev.dioring.ext4lite.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dioring.ext4lite.testimage.ExternalTool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code ext4lite mount} as a process of its own, which answers; unmounted when it is closed. */
final class MountProcess implements AutoCloseable {
  private static final long END_SECONDS = 90;

  private final Process process;
  private final Path directory;

  private MountProcess(Process process, Path directory) {
    this.process = process;
    this.directory = directory;
  }

  /** The command line of this program. */
  static List<String> command(String classPath) {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return List.of(
        java.toString(),
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        classPath,
        Main.class.getName());
  }

  static MountProcess start(Path image, Path directory, String... options) throws IOException {
    return start(command(System.getProperty("java.class.path")), image, directory, options);
  }

  /** Mounts and waits until it answers. @throws IOException with what it said if it does not */
  static MountProcess start(List<String> command, Path image, Path directory, String... options)
      throws IOException {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of("mount", "-f", "-v", "--buffered"));
    line.addAll(List.of(options));
    line.addAll(List.of(image.toString(), directory.toString()));
    return start(line, directory);
  }

  /** The same as mount(8) calls it. */
  static MountProcess startAsHelper(
      List<String> command, Path image, Path directory, String options) throws IOException {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of("mount", "--as-helper", image.toString(), directory.toString()));
    line.addAll(List.of("-n", "-s", "-v", "-o", options));
    return start(line, directory);
  }

  private static MountProcess start(List<String> line, Path directory) throws IOException {
    Process process =
        new ProcessBuilder(line).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader said = process.errorReader(UTF_8);
    List<String> all = new ArrayList<>();
    for (String text = said.readLine(); text != null; text = said.readLine()) {
      all.add(text);
      if (text.contains(" is mounted on ")) {
        return new MountProcess(process, directory);
      }
    }
    throw new IOException(String.join("\n", all));
  }

  long pid() {
    return process.pid();
  }

  /** Runs a shell command in the mounted directory, which may fail. */
  ExternalTool.Outcome run(String script) throws IOException, InterruptedException {
    return ExternalTool.tryRun(List.of("sh", "-c", "cd " + directory + " && " + script));
  }

  /** Asks it to end, as the system does when it goes down. */
  void terminate() {
    process.destroy();
  }

  /** Waits for its end. @return its exit code */
  int awaitEnd() throws IOException, InterruptedException {
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the mount of " + directory + " does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() throws IOException {
    try {
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("ending a mount was interrupted", e);
    }
  }

  private void end() throws IOException, InterruptedException {
    if (process.isAlive()) {
      process.destroy();
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    if (Files.readString(Path.of("/proc/self/mounts")).contains(" " + directory + " ")) {
      ExternalTool.run("umount", "-l", directory.toString());
    }
  }
}
