package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines themselves: help, and what is wrong with them. */
class CommandLineTest {
  @ParameterizedTest
  @ValueSource(strings = {"ls", "cat", "stat", "info", "xattr", "cp", "demo", "mount", "umount"})
  void everyCommandHasHelp(String command) {
    CliRun run = CliRun.of(command, "--help").succeeded();
    assertTrue(run.out().startsWith("Usage: ext4lite " + command), run.out());
    assertTrue(run.out().lines().allMatch(line -> line.length() <= 80), run.out());
    assertTrue(CliRun.of("--help").succeeded().out().contains("  " + command), command);
  }

  @Test
  void versionIsPrinted() {
    assertTrue(CliRun.of("--version").succeeded().out().startsWith("ext4lite 0."));
  }

  @ParameterizedTest
  @CsvSource({
    "'', a command is missing",
    "frobnicate, frobnicate",
    "ls, IMAGE",
    "ls image path more, more",
    "ls --frobnicate image, --frobnicate",
    "cat image, PATH",
    "cat, IMAGE",
    "stat image, PATH",
    "info, IMAGE",
    "info image more, more",
    "xattr image, PATH",
    "xattr -n, -n",
    "cp a, TARGET",
    "cp a b, IMAGE:/path",
    "cp a:/x b:/y, IMAGE:/path",
    "ls --backend=warp image, --backend",
    "demo more, more",
  })
  void wrongCommandLinesAreRefused(String line, String mentions) {
    Object[] words = line.isEmpty() ? new Object[0] : line.split(" ", -1);
    CliRun.of(words).refused(ExitStatus.USAGE, mentions);
  }

  @Test
  void exitCodesAreThoseOfSysexits() {
    assertEquals(64, ExitStatus.USAGE);
    assertEquals(65, ExitStatus.DATA);
    assertEquals(66, ExitStatus.NO_INPUT);
    assertEquals(69, ExitStatus.UNAVAILABLE);
    assertEquals(70, ExitStatus.SOFTWARE);
    assertEquals(73, ExitStatus.CANT_CREATE);
    assertEquals(74, ExitStatus.IO);
    assertEquals(75, ExitStatus.TEMP_FAIL);
    assertEquals(77, ExitStatus.NO_PERMISSION);
  }
}
