package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
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

  private final OutputStream out =
      new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES);

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

  void json(Object value) {
    try {
      line(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report that is no JSON", e);
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
