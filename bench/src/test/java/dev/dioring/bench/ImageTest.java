package dev.dioring.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTest {
  @TempDir Path directory;

  @Test
  void firstWritesAreConvertedAndReadBack() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/mkfs.ext4")), "mkfs.ext4 is not installed");
    Path image = directory.resolve("image");
    try (TestImage made = TestImage.make(image, "32m")) {
      made.file("data");
      made.format();
      Runs run =
          Runs.of(
              "--ioengine=ext4",
              "--filename=" + image + ":/data",
              "--size=1m",
              "--rw=randwrite",
              "--iodepth=8",
              "--unwritten",
              "--verify=crc32c",
              "--output-format=json");
      assertEquals(0, run.exit(), run.err());
      JsonNode job = new ObjectMapper().readTree(run.out()).at("/jobs/0");
      assertEquals(256, job.at("/write/total_ios").asInt());
      assertEquals(256, job.at("/dioring/completions_deferred").asInt());
      assertTrue(job.at("/dioring/conversion_batches").asInt() > 0);
      String fsck = Commands.run("/usr/sbin/e2fsck", "-fn", image.toString());
      assertTrue(fsck.contains("files"), fsck);
    }
  }

  @Test
  void jobsAppendToFilesOfOneImage() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/mkfs.ext4")), "mkfs.ext4 is not installed");
    Path image = directory.resolve("image");
    try (TestImage made = TestImage.make(image, "32m")) {
      made.formatJournaled();
      Runs run =
          Runs.of(
              "--ioengine=ext4",
              "--submit=vthread",
              "--directory=" + image + ":/",
              "--name=append",
              "--numjobs=4",
              "--size=64k",
              "--rw=write",
              "--fdatasync=1",
              "--verify=crc32c",
              "--group_reporting",
              "--output-format=json");
      assertEquals(0, run.exit(), run.err());
      JsonNode job = new ObjectMapper().readTree(run.out()).at("/jobs/0");
      assertEquals(64, job.at("/write/total_ios").asInt());
      for (int i = 0; i < 4; i++) {
        String stat = Commands.run("debugfs", "-R", "stat /append." + i + ".0", image.toString());
        assertTrue(stat.contains("Size: 65536"), stat);
      }
      String fsck = Commands.run("/usr/sbin/e2fsck", "-fn", image.toString());
      assertTrue(fsck.contains("files"), fsck);
    }
  }
}
