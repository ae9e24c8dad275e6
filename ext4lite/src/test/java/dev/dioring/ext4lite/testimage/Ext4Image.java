package dev.dioring.ext4lite.testimage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An ext4 image in a file, made with mkfs.ext4, changed with debugfs, judged by e2fsck. */
public final class Ext4Image {
  private final Path file;

  private Ext4Image(Path file) {
    this.file = file;
  }

  /** Takes a file that is an image already. */
  public static Ext4Image of(Path file) {
    return new Ext4Image(file);
  }

  /**
   * Makes an image, reproducibly: UUID and hash seed are fixed.
   *
   * @param size as mkfs.ext4 takes it, such as "16M"
   * @param options more of its options, such as "-O", "^has_journal"
   */
  public static Ext4Image make(Path file, String size, String... options)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("mkfs.ext4", "-q", "-F", "-U", "6b33f586-a183-4383-921d-30da3fef2e5c"));
    command.addAll(List.of("-E", "hash_seed=0f0e0d0c-0b0a-4908-8706-050403020100"));
    command.addAll(Arrays.asList(options));
    command.add(file.toString());
    command.add(size);
    ExternalTool.run(command.toArray(String[]::new));
    return new Ext4Image(file);
  }

  /** Makes an image with the content of a directory in it. */
  public static Ext4Image populated(Path file, String size, Path content, String... options)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-d", content.toString()));
    all.addAll(Arrays.asList(options));
    return make(file, size, all.toArray(String[]::new));
  }

  public Path file() {
    return file;
  }

  /** Runs debugfs commands that only look, and returns what they print. */
  public String debugfs(String... commands) throws IOException, InterruptedException {
    return debugfs(List.of(), commands);
  }

  /** Runs debugfs commands that change the image. */
  public String debugfsWrite(String... commands) throws IOException, InterruptedException {
    return debugfs(List.of("-w"), commands);
  }

  /** Lets e2fsck bring up to date what other tools leave behind, such as quotas. */
  public void settle(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("e2fsck", "-fy"));
    command.addAll(Arrays.asList(options));
    command.add(file.toString());
    ExternalTool.Outcome outcome = ExternalTool.tryRun(command);
    if (outcome.exitCode() > 1) {
      throw new IOException("e2fsck -fy: " + outcome.output());
    }
  }

  /** Fails unless e2fsck finds nothing to mend. */
  public void assertClean() throws IOException, InterruptedException {
    ExternalTool.Outcome outcome = ExternalTool.tryRun(List.of("e2fsck", "-fn", file.toString()));
    if (outcome.exitCode() != 0) {
      throw new AssertionError("e2fsck -fn: " + outcome.output());
    }
  }

  /** The lines "Name: value" that dumpe2fs -h prints. */
  public Map<String, String> header() throws IOException, InterruptedException {
    Map<String, String> fields = new HashMap<>();
    String output = ExternalTool.run("dumpe2fs", "-h", file.toString());
    for (String line : output.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  /** The whole image; only for small ones. */
  public byte[] bytes() {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String debugfs(List<String> options, String... commands)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("debugfs"));
    command.addAll(options);
    command.addAll(List.of("-f", "-", file.toString()));
    String script = String.join("\n", commands) + "\n";
    ExternalTool.Outcome outcome = ExternalTool.tryRun(command, script.getBytes(ISO_8859_1));
    if (outcome.exitCode() != 0) {
      throw new IOException("debugfs: " + outcome.output());
    }
    return outcome.output();
  }
}
