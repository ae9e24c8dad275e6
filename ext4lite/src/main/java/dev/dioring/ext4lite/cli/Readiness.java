package dev.dioring.ext4lite.cli;

import dev.dioring.bindings.LinuxFiles;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Tells the launcher, which waits on a pipe, that a server in the background answers, and lets go
 * of the terminal. The pipe also closes, without a word, when this process ends.
 */
final class Readiness {
  /** System property with the number of the pipe's descriptor; missing in the foreground. */
  private static final String DESCRIPTOR = "ext4lite.ready";

  private static final int STDIN = 0;

  private Readiness() {}

  /**
   * Says that the mount answers.
   *
   * @param log what takes the terminal's place; a file does in the foreground too
   */
  static void announce(BackgroundLog log) throws IOException {
    boolean background = System.getProperty(DESCRIPTOR) != null;
    if (log.isFile()) {
      log.becomeStandardError();
    }
    if (!background) {
      return;
    }
    // Where it was started may have to be unmounted before it ends.
    int unused = LinuxFiles.changeDirectory("/");
    int nowhere = LinuxFiles.open("/dev/null", LinuxFiles.O_RDWR, 0);
    unused = LinuxFiles.dup2(nowhere, STDIN);
    unused = LinuxFiles.close(nowhere);
    say("ready");
    if (!log.isFile()) {
      // Starting what leads to syslog takes a while, for which nobody has to wait.
      log.becomeStandardError();
    }
  }

  /** Says how it ended, if it did not come to be ready. */
  static void ended(int exitCode) {
    try {
      say(Integer.toString(exitCode));
    } catch (IOException e) {
      System.err.println("ext4lite: " + e.getMessage());
    }
  }

  /** Says a word, the first time. */
  private static void say(String word) throws IOException {
    String number = System.clearProperty(DESCRIPTOR);
    if (number == null) {
      return;
    }
    try (FileOutputStream pipe = new FileOutputStream("/proc/self/fd/" + number)) {
      pipe.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    int unused = LinuxFiles.close(Integer.parseInt(number));
  }
}
