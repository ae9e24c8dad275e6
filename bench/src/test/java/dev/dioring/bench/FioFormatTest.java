package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** fio itself says which keys its report has. */
class FioFormatTest {
  /** Distributions that fio reports and that are not measured here, and its own state. */
  private static final Set<String> NOT_MEASURED =
      Set.of(
          "iodepth_submit",
          "iodepth_complete",
          "latency_ns",
          "latency_us",
          "latency_ms",
          "latency_depth",
          "latency_target",
          "latency_percentile",
          "latency_window");

  @TempDir Path directory;

  @BeforeAll
  static void fio() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/fio")), "fio is not installed");
  }

  @Test
  void keysAreThoseOfFio() throws Exception {
    List<String> job =
        List.of(
            "--name=keys",
            "--filename=" + directory.resolve("data"),
            "--size=1m",
            "--rw=randrw",
            "--output-format=json");
    List<String> command = new ArrayList<>(List.of("fio", "--ioengine=psync"));
    command.addAll(job);
    ObjectMapper mapper = new ObjectMapper();
    JsonNode theirs = mapper.readTree(Commands.run(command)).at("/jobs/0");
    Runs run = Runs.of(job.toArray(String[]::new));
    assumeTrue(!run.err().contains("io_uring_disabled"), "io_uring is forbidden here");
    JsonNode ours = mapper.readTree(run.out()).at("/jobs/0");
    Set<String> expected = keys(theirs);
    expected.removeAll(NOT_MEASURED);
    Set<String> found = keys(ours);
    assertTrue(found.remove("dioring"));
    assertEquals(expected, found);
    for (String part : List.of("read", "write", "trim", "sync", "iodepth_level")) {
      assertEquals(keys(theirs.get(part)), keys(ours.get(part)), part);
    }
    for (String part : List.of("slat_ns", "lat_ns", "clat_ns", "clat_ns/percentile")) {
      String pointer = "/read/" + part;
      assertEquals(keys(theirs.at(pointer)), keys(ours.at(pointer)), part);
    }
    assertEquals(
        theirs.at("/read/total_ios").asLong() + theirs.at("/write/total_ios").asLong(),
        ours.at("/read/total_ios").asLong() + ours.at("/write/total_ios").asLong());
  }

  @Test
  void comparisonReadsFioAndPrintsRatios() {
    Runs run =
        Runs.of(
            "--filename=" + directory.resolve("data"),
            "--size=1m",
            "--rw=randread",
            "--iodepth=4",
            "--compare=fio",
            "--rounds=1");
    assumeTrue(!run.err().contains("io_uring_disabled"), "io_uring is forbidden here");
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("ratio dioring uring / fio io_uring"), run.out());
  }

  @Test
  void sizesAreReadAsFioReadsThem() throws Exception {
    for (String size : List.of("64k", "64kb", "128ki", "128kib", "1m")) {
      String report =
          Commands.run(
              "fio",
              "--name=size",
              "--filename=" + directory.resolve("size" + size),
              "--size=" + size,
              "--bs=1000",
              "--rw=write",
              "--ioengine=psync",
              "--output-format=json");
      long blocks = new ObjectMapper().readTree(report).at("/jobs/0/write/total_ios").asLong();
      assertEquals(blocks, Quantity.bytes("--size", size) / 1000, size);
    }
  }

  private static Set<String> keys(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
