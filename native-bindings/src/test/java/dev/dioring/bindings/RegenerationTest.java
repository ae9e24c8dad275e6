package dev.dioring.bindings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checked-in jextract output is what the script makes of the recorded headers. */
class RegenerationTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final String GENERATED = "dev/dioring/bindings/generated";

  @TempDir Path output;

  @Test
  void generatedSourcesAreWhatTheScriptMakes() throws Exception {
    boolean found =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "jextract")));
    boolean headers = System.getenv("IO_URING_H") != null && System.getenv("FUSE_H") != null;
    assumeTrue(
        found && headers,
        "jextract is not on PATH, or IO_URING_H and FUSE_H do not name its headers");
    Process process =
        new ProcessBuilder("sh", "src/jextract/generate.sh", output.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertEquals(read(SOURCES.resolve(GENERATED)), read(output.resolve(GENERATED)));
  }

  private static Map<String, String> read(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }
}
