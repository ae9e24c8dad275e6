package dev.dioring.bindings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeAccessTest {
  /** Run in a virtual machine that denies native access. */
  static final class Denied {
    private Denied() {}

    public static void main(String[] args) {
      LinuxFiles.fsync(-1);
    }
  }

  @Test
  void aMissingPermissionIsNamed() throws Exception {
    String deny =
        Runtime.version().feature() >= 24
            ? "--illegal-native-access=deny"
            : "--enable-native-access=java.base";
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                deny,
                "-cp",
                "target/classes:target/test-classes",
                Denied.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertNotEquals(0, process.waitFor(), said);
    assertTrue(
        said.contains("native calls are not allowed: start Java with --enable-native-access="),
        said);
  }
}
