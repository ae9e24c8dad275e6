package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--size=-1",
        "--size=4",
        "--size=0%",
        "--size=101%",
        "--size=x%",
        "--size=99999999999999999999",
        "--size=9000p",
        "--bs=0",
        "--bs=-4k",
        "--bs=2g",
        "--bs=4q",
        "--offset=-1",
        "--iodepth=0",
        "--iodepth=-1",
        "--iodepth=5000",
        "--iodepth=x",
        "--numjobs=0",
        "--numjobs=-1",
        "--rwmixread=101",
        "--runtime=-1",
        "--runtime=1y",
        "--ramp_time=x",
        "--fsync=-1",
        "--rounds=x",
        "--verify=md5",
        "--submit=sideways",
        "--direct=maybe",
        "--name",
      })
  void numbersOutOfRange(String option) {
    String name = option.replaceAll("=.*", "");
    refused(BenchException.USAGE, name, "--filename=none", "--size=64k", option);
  }

  @Test
  void optionsGivenTwice() {
    refused(BenchException.USAGE, "only once", "--filename=none", "--bs=4k", "--bs=8k");
  }

  @Test
  void notEnoughSpace() {
    Path file = directory.resolve("large");
    // No file system holds that much.
    refused(BenchException.CANNOT_CREATE, "large", "--filename=" + file, "--size=4000p");
    assertFalse(Files.exists(file), "what cannot be laid out is not begun");
  }

  @Test
  void fullDevices() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full");
    refused(
        BenchException.CANNOT_CREATE,
        "/dev/full",
        "--filename=" + directory.resolve("data"),
        "--size=64k",
        "--output=" + full);
  }

  @Test
  void directoriesThatAreMissing() {
    refused(
        BenchException.CANNOT_CREATE,
        "none",
        "--filename=" + directory.resolve("none/x"),
        "--size=4k");
  }

  @Test
  void specialFiles() {
    refused(BenchException.UNAVAILABLE, "special file", "--filename=/dev/null", "--size=4k");
  }

  @Test
  void missingImages() {
    refused(
        BenchException.NO_INPUT,
        "ENOENT",
        "--ioengine=ext4",
        "--filename=" + directory.resolve("none") + ":/file");
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
