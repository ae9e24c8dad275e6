package dev.dioring.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** Counts, with the JDK's flight recorder, how often a virtual thread pinned its carrier. */
final class PinnedThreads {
  private static final String EVENT = "jdk.VirtualThreadPinned";

  private long count;

  /** Performs a run and counts meanwhile. */
  Measure count(Contender.Run run) throws BenchException {
    try (Recording recording = new Recording()) {
      recording.enable(EVENT).withThreshold(Duration.ZERO);
      recording.start();
      Measure measure = run.run();
      recording.stop();
      Path file = Files.createTempFile("dioring-bench", ".jfr");
      try {
        recording.dump(file);
        count +=
            RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(EVENT))
                .count();
      } finally {
        Files.deleteIfExists(file);
      }
      return measure;
    } catch (IOException e) {
      throw new BenchException(
          BenchException.CANNOT_CREATE, "recording pinned threads: " + e.getMessage(), e);
    }
  }

  long count() {
    return count;
  }
}
