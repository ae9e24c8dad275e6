package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadInputTest {
  @TempDir Path directory;

  @Test
  void unknownPattern() {
    refused(BenchException.USAGE, "--rw=sideways", "--rw=sideways");
  }

  @Test
  void unknownEngine() {
    refused(BenchException.USAGE, "--ioengine=warp", "--ioengine=warp");
  }

  @Test
  void unknownOption() {
    refused(BenchException.USAGE, "--frobnicate", "--frobnicate=1");
  }

  @Test
  void timeBasedWithoutRuntime() {
    refused(BenchException.USAGE, "--runtime", "--time_based", "--filename=x", "--size=4k");
  }

  @Test
  void missingFileWithoutSize() {
    refused(BenchException.NO_INPUT, "--size", "--filename=" + directory.resolve("none"));
  }

  @Test
  void directoryAsFile() {
    refused(BenchException.UNAVAILABLE, "directory", "--filename=" + directory);
  }

  @Test
  void blockOfAnOddSize() throws IOException {
    refused(
        BenchException.USAGE,
        "multiples",
        "--filename=" + file(1 << 20),
        "--bs=1000",
        "--direct=1");
  }

  @Test
  void fileTooSmall() throws IOException {
    refused(BenchException.DATA_ERROR, "too few", "--filename=" + file(8192), "--size=1m");
  }

  @Test
  void emptyFile() throws IOException {
    refused(BenchException.DATA_ERROR, "no room", "--filename=" + file(0));
  }

  @Test
  void unwrittenNeedsAnImage() {
    refused(BenchException.USAGE, "--unwritten", "--unwritten=1", "--filename=x", "--size=4k");
  }

  @Test
  void imageWithoutPath() {
    refused(BenchException.USAGE, "IMAGE:/PATH", "--ioengine=ext4", "--filename=image");
  }

  @Test
  void unknownFormatAndComparison() throws IOException {
    refused(BenchException.USAGE, "--output-format", "--filename=x", "--output-format=xml");
    refused(BenchException.USAGE, "--compare", "--filename=" + file(8192), "--compare=dd");
  }

  @Test
  void unknownPartOfTheSuite() {
    refused(
        BenchException.USAGE, "--only=floppy", "suite", "--dir=" + directory, "--only=disk,floppy");
  }

  private static void refused(int exit, String mentions, String... arguments) {
    Runs run = Runs.of(arguments);
    assertEquals(exit, run.exit(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(mentions), run.err());
    assertEquals("", run.out());
  }

  private Path file(int bytes) throws IOException {
    return Files.write(directory.resolve("file" + bytes), new byte[bytes]);
  }
}
