package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the rehearsal fails, nobody is told: starts are only slower. */
class RehearsalTest {
  @Test
  void everyStepSucceedsAndNothingIsLeft(@TempDir Path temp) throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue(LoopMount.isPossible(), "mounting needs root");
    Rehearsal.runIn(temp);
    try (Stream<Path> left = Files.list(temp)) {
      assertEquals(List.of(), left.toList());
    }
  }
}
