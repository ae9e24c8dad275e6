package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** fio on a plain file beside the image, with the same work, if it is installed. */
final class Fio {
  private final Path file;
  private final long sizeBytes;
  private final int depth;

  Fio(Path directory, long sizeBytes, int depth) {
    file = directory.resolve("fio.dat");
    this.sizeBytes = sizeBytes;
    this.depth = depth;
  }

  /** Runs one pass. @return IOPS, or 0 without fio */
  double iops(String pattern, boolean newFile) throws IOException, InterruptedException {
    if (!DemoTools.installed("fio")) {
      return 0;
    }
    if (newFile) {
      Files.deleteIfExists(file);
    }
    String output =
        DemoTools.run(
            List.of(
                "fio",
                "--name=demo",
                "--filename=" + file,
                "--rw=" + pattern,
                "--size=" + sizeBytes,
                "--bs=4k",
                "--iodepth=" + depth,
                "--ioengine=io_uring",
                "--direct=1",
                "--fallocate=" + (newFile ? "native" : "none"),
                "--output-format=json"));
    JsonNode job =
        new ObjectMapper().readTree(output.substring(output.indexOf('{'))).path("jobs").path(0);
    return job.path(pattern.equals("randread") ? "read" : "write").path("iops").asDouble();
  }
}
