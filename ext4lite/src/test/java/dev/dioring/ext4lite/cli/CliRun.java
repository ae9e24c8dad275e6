package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command line that ran in this process, and what it printed. */
record CliRun(int exit, String out, String err) {
  static CliRun of(Object... arguments) {
    return run(false, arguments);
  }

  /** As if people looked at the output. */
  static CliRun onTerminal(Object... arguments) {
    return run(true, arguments);
  }

  private static CliRun run(boolean terminal, Object... arguments) {
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit = Main.run(out, terminal, new PrintStream(err, true, StandardCharsets.UTF_8), words);
    return new CliRun(
        exit, out.toString(StandardCharsets.ISO_8859_1), err.toString(StandardCharsets.UTF_8));
  }

  CliRun succeeded() {
    assertEquals("", err);
    assertEquals(0, exit);
    return this;
  }

  /** Ended with one line that mentions something, and nothing else. */
  CliRun refused(int expectedExit, String... mentions) {
    assertEquals("", out);
    return failed(expectedExit, mentions);
  }

  /** The same, possibly behind output. */
  CliRun failed(int expectedExit, String... mentions) {
    assertEquals(expectedExit, exit, err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("ext4lite: ") && err.endsWith("\n"), err);
    for (String mention : mentions) {
      assertTrue(err.contains(mention), err + " lacks " + mention);
    }
    return this;
  }

  List<String> lines() {
    return out.lines().toList();
  }

  JsonNode json() throws IOException {
    return new ObjectMapper().readTree(out.getBytes(StandardCharsets.ISO_8859_1));
  }
}
