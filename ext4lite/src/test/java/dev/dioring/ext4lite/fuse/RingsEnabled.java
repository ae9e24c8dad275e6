package dev.dioring.ext4lite.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** FUSE over io_uring, which the kernel allows to new mounts until this is closed. */
final class RingsEnabled implements AutoCloseable {
  private static final Path ENABLED = Path.of("/sys/module/fuse/parameters/enable_uring");

  private final String before;

  private RingsEnabled(String before) {
    this.before = before;
  }

  /** Allows it, or skips the test where the kernel has no such thing. */
  static RingsEnabled open() throws IOException {
    Assumptions.assumeTrue(Files.isWritable(ENABLED), "this kernel has no FUSE over io_uring");
    String before = Files.readString(ENABLED);
    Files.writeString(ENABLED, "Y");
    return new RingsEnabled(before);
  }

  @Override
  public void close() throws IOException {
    Files.writeString(ENABLED, before);
  }
}
