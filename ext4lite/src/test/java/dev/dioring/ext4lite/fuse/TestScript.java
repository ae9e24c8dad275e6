package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.testimage.ExternalTool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The Python scripts beside the tests, for mounts of both kinds. */
final class TestScript {
  private TestScript() {}

  /** The command that runs one, which is copied to a directory. Skips the test without Python. */
  static String python(String name, Path directory) throws IOException {
    ExternalTool.assumeInstalled("python3");
    Path script = directory.resolve(name);
    try (InputStream in = TestScript.class.getResourceAsStream(name)) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    return "python3 " + script;
  }
}
