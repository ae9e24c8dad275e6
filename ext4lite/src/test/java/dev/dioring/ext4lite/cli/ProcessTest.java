package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a process of its own, with standard outputs that end early or are full. */
class ProcessTest {
  private @TempDir Path directory;

  @Test
  void readersThatGoAwayEndACommandQuietly() throws Exception {
    String image = image().toString();
    ExternalTool.Outcome outcome =
        shell("{ " + cli("cat " + image + " /lines") + "; echo exit $? >&2; } | head -n 1");
    assertEquals("line 0\nexit 0\n", sorted(outcome.output()));
    outcome = shell("{ " + cli("ls -lR " + image) + "; echo exit $? >&2; } | true");
    assertEquals("exit 0\n", outcome.output());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cat IMAGE /lines", "ls IMAGE", "info --json IMAGE", "--help", "ls --help"})
  void fullOutputsAreAnError(String line) throws Exception {
    String command = cli(line.replace("IMAGE", image().toString()));
    ExternalTool.Outcome outcome = shell(command + " > /dev/full");
    assertEquals(ExitStatus.IO, outcome.exitCode(), outcome.output());
    assertEquals(1, outcome.output().lines().count(), outcome.output());
    assertTrue(outcome.output().contains("standard output"), outcome.output());
  }

  @Test
  void copiesToAFullDeviceFail() throws Exception {
    ExternalTool.Outcome outcome = shell(cli("cp " + image() + ":/lines /dev/full"));
    assertEquals(ExitStatus.IO, outcome.exitCode(), outcome.output());
    assertEquals(1, outcome.output().lines().count(), outcome.output());
    assertEquals(0, shell(cli("cp " + image() + ":/lines /dev/null")).exitCode());
  }

  private static String sorted(String output) {
    return String.join("\n", output.lines().sorted(java.util.Comparator.reverseOrder()).toList())
        + "\n";
  }

  private Path image() throws Exception {
    Path image = directory.resolve("disk.img");
    if (!Files.exists(image)) {
      Path content = Files.createDirectory(directory.resolve("content"));
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 200_000; i++) {
        lines.append("line ").append(i).append('\n');
      }
      Files.writeString(content.resolve("lines"), lines);
      Ext4Image.populated(image, "16M", content, "-O", "^has_journal");
    }
    return image;
  }

  private static String cli(String arguments) {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return java
        + " -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '"
        + System.getProperty("java.class.path")
        + "' "
        + Main.class.getName()
        + " "
        + arguments;
  }

  private static ExternalTool.Outcome shell(String script) throws Exception {
    return ExternalTool.tryRun(List.of("sh", "-c", script));
  }
}
