package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Standard output as bytes, so that names and contents pass unchanged. A reader that has gone away,
 * as head does, is the end of the command and no failure.
 */
final class Output implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final OutputStream out;
  private final boolean terminal;

  /**
   * Buffers a stream, which stays open.
   *
   * @param terminal whether people look at it, to whom file names must do no harm
   */
  Output(OutputStream out, boolean terminal) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.terminal = terminal;
  }

  /** A file name or link target: as it is, or on a terminal without what that would obey. */
  Output name(byte[] name) {
    return terminal ? text(NameText.escaped(name)) : bytes(name);
  }

  Output text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  Output line(String text) {
    return text(text).bytes(new byte[] {'\n'});
  }

  Output bytes(byte[] bytes) {
    return bytes(bytes, bytes.length);
  }

  Output bytes(byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw gone(e);
    }
    return this;
  }

  Output json(Object value) {
    try {
      return line(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report that is no JSON", e);
    }
  }

  /** Starts an array that is written element by element, so that it may be of any length. */
  JsonArray array() {
    return new JsonArray();
  }

  /** A JSON array on its way out. */
  final class JsonArray {
    private boolean empty = true;

    void add(ObjectNode element) {
      text(empty ? "[ " : ", ").json(element);
      empty = false;
    }

    void end() {
      line(empty ? "[ ]" : "]");
    }
  }

  void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw gone(e);
    }
  }

  @Override
  public void close() {
    flush();
  }

  private static CliException gone(IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("Broken pipe")) {
      Runtime.getRuntime().halt(ExitStatus.OK);
    }
    return new CliException(ExitStatus.IO, "writing to standard output: " + message);
  }
}
