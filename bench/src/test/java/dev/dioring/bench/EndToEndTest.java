package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndToEndTest {
  private static final int BLOCKS = 256;
  private static final int BLOCK_BYTES = 4096;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "uring, callback",
    "uring, future",
    "uring, thread",
    "uring, vthread",
    "sync, callback",
    "sync, future",
    "sync, vthread",
    "filechannel, thread",
    "filechannel, vthread"
  })
  void writesAndReadsEveryBlockOnce(String engine, String submit) throws IOException {
    Path file = directory.resolve("data");
    List<String> job =
        List.of(
            "--filename=" + file,
            "--size=1m",
            "--iodepth=8",
            "--ioengine=" + engine,
            "--submit=" + submit,
            "--output-format=json",
            "--verify=crc32c");
    JsonNode write = job(run(job, "--rw=randwrite", "--fdatasync=16"), engine);
    assertEquals(BLOCKS, write.at("/write/total_ios").asInt());
    assertEquals(BLOCKS * BLOCK_BYTES, write.at("/write/io_bytes").asInt());
    assertEquals(0, write.at("/read/total_ios").asInt());
    assertEquals(BLOCKS, write.at("/write/clat_ns/N").asInt());
    assertEquals(BLOCKS / 16, write.at("/sync/total_ios").asInt());
    byte[] content = Files.readAllBytes(file);
    for (int at = 0; at < content.length; at += BLOCK_BYTES) {
      byte[] block = Arrays.copyOfRange(content, at, at + BLOCK_BYTES);
      assertNull(BlockStamp.check(MemorySegment.ofArray(block), at), "block at " + at);
    }
    JsonNode read = job(run(job, "--rw=randread"), engine);
    assertEquals(BLOCKS, read.at("/read/total_ios").asInt());
    assertTrue(read.at("/read/iops").asDouble() > 0);
    JsonNode clat = read.at("/read/clat_ns");
    assertTrue(clat.get("min").asLong() <= clat.at("/percentile/50.000000").asLong());
    assertTrue(
        clat.at("/percentile/50.000000").asLong() <= clat.at("/percentile/99.990000").asLong());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 0", "0, 1", "0, 0"})
  void filesAndBuffersAreRegisteredAsAskedFor(int files, int buffers) throws IOException {
    List<String> job =
        List.of(
            "--filename=" + directory.resolve("data"),
            "--size=256k",
            "--iodepth=4",
            "--rw=randwrite",
            "--verify=crc32c",
            "--output-format=json",
            "--registerfiles=" + files,
            "--fixedbufs=" + buffers);
    String features = job(run(job), "uring").at("/dioring/backend_features").asText();
    assertEquals(files == 1, features.contains("fixed-file"), features);
    assertEquals(buffers == 1, features.contains("fixed-buffers"), features);
  }

  @Test
  void corruptBlockIsFound() throws IOException {
    Path file = directory.resolve("data");
    List<String> job = List.of("--filename=" + file, "--size=64k", "--verify=crc32c");
    assertEquals(0, run(job, "--rw=write").exit());
    byte[] content = Files.readAllBytes(file);
    content[3 * BLOCK_BYTES + 1000] ^= 1;
    Files.write(file, content);
    Runs read = run(job, "--rw=read");
    assertEquals(BenchException.IO_ERROR, read.exit());
    assertTrue(read.err().contains("at 12288 has checksum"), read.err());
  }

  @Test
  void jobsAreReportedOneByOneOrTogether() throws IOException {
    List<String> jobs =
        List.of(
            "--filename=" + directory.resolve("data"),
            "--size=256k",
            "--numjobs=3",
            "--rw=randrw",
            "--rwmixread=70",
            "--output-format=json");
    JsonNode each = new ObjectMapper().readTree(run(jobs).out()).get("jobs");
    assertEquals(3, each.size());
    JsonNode group = job(run(jobs, "--group_reporting"), "uring");
    long reads = group.at("/read/total_ios").asLong();
    assertEquals(192, reads + group.at("/write/total_ios").asLong());
    assertTrue(reads > 192 / 2, reads + " reads of 192");
  }

  @Test
  void timeBasedRunTakesItsTimeAndLeavesOutTheRamp() throws IOException {
    Runs run =
        run(
            List.of("--filename=" + directory.resolve("data"), "--size=256k", "--rw=read"),
            "--time_based",
            "--runtime=300ms",
            "--ramp_time=100ms",
            "--output-format=json");
    JsonNode read = job(run, "uring").get("read");
    long runtime = read.get("runtime").asLong();
    assertTrue(runtime >= 299 && runtime < 3000, "ran " + runtime + " ms");
    assertTrue(read.get("total_ios").asLong() > 64, read.toString());
  }

  @Test
  void textReportHasTheTermsOfFioAndNoProgressLineWithoutTerminal() {
    Runs run = run(List.of("--filename=" + directory.resolve("data"), "--size=64k", "--rw=read"));
    assertEquals(0, run.exit(), run.err());
    for (String term : List.of("IOPS=", "BW=", "clat percentiles", "99.99th=", "cpu  ", "READ:")) {
      assertTrue(run.out().contains(term), term + " is missing in\n" + run.out());
    }
    assertEquals("", run.err());
  }

  private static Runs run(List<String> common, String... more) {
    List<String> arguments = new ArrayList<>(common);
    arguments.addAll(List.of(more));
    Runs run = Runs.of(arguments.toArray(String[]::new));
    assumeTrue(!run.err().contains("io_uring_disabled"), "io_uring is forbidden here");
    return run;
  }

  private static JsonNode job(Runs run, String backend) throws IOException {
    assertEquals(0, run.exit(), run.err());
    JsonNode job = new ObjectMapper().readTree(run.out()).at("/jobs/0");
    assertEquals(backend, job.at("/dioring/backend").asText());
    return job;
  }
}
