package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dioring.ext4lite.fuse.MountStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows what a running mount has done. */
@Command(
    name = "stats",
    description = {
      "Show the counters of a running mount: requests and their latencies, completions of direct"
          + " I/O, the journal, the metadata cache, queues and memory.",
      "They count from the moment of mounting. 'mount -o stats=FILE' stores them in the end."
    },
    mixinStandardHelpOptions = true)
final class StatsCommand implements Callable<Integer> {
  @ParentCommand private Main main = Main.detached();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Parameters(index = "0", paramLabel = "DIR", description = "Where an image is mounted.")
  private Path directory = Path.of("");

  @Override
  public Integer call() throws IOException {
    byte[] report = MountStats.read(directory);
    try (Output out = main.output()) {
      if (json) {
        out.bytes(report).line("");
      } else {
        JsonNode read = new ObjectMapper().readTree(report);
        new StatsText(out).print(read);
      }
    }
    return ExitStatus.OK;
  }
}
