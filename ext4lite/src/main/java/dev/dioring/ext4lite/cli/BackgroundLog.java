package dev.dioring.ext4lite.cli;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Sockets;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a server in the background writes what it would tell on standard error: a file, or syslog
 * through logger(1), or nowhere if there is no such program.
 */
final class BackgroundLog {
  private static final int STDIN = 0;
  private static final int STDERR = 2;
  private static final int PERMISSIONS = 0640;

  /** Of the file, or -1. */
  private final int fd;

  private BackgroundLog(int fd) {
    this.fd = fd;
  }

  /**
   * Opens a file to append to, or prepares syslog if there is none.
   *
   * @throws CliException if it cannot be opened
   */
  static BackgroundLog open(@Nullable Path file) {
    if (file == null) {
      return new BackgroundLog(-1);
    }
    int flags =
        LinuxFiles.O_WRONLY | LinuxFiles.O_CREAT | LinuxFiles.O_APPEND | LinuxFiles.O_CLOEXEC;
    int fd = LinuxFiles.open(file.toString(), flags, PERMISSIONS);
    if (fd < 0) {
      throw new CliException(
          ExitStatus.CANT_CREATE, "opening the log " + file + ": " + Errno.describe(fd));
    }
    return new BackgroundLog(fd);
  }

  boolean isFile() {
    return fd >= 0;
  }

  /** Makes it standard error, instead of the terminal. */
  void becomeStandardError() {
    int target = isFile() ? fd : syslog();
    if (target < 0) {
      target = LinuxFiles.open("/dev/null", LinuxFiles.O_RDWR, 0);
    }
    int unused = LinuxFiles.dup2(target, STDERR);
    unused = LinuxFiles.close(target);
  }

  /** Starts logger(1), which ends with this process. @return a socket that it reads, or -errno */
  private static int syslog() {
    int[] pair = new int[2];
    int result = Sockets.pair(pair);
    if (result < 0) {
      return result;
    }
    int moved = LinuxFiles.dup2(pair[1], STDIN);
    int unused = LinuxFiles.close(pair[1]);
    try {
      // What a program inherits of a JVM is its standard input, not any other descriptor.
      Process logger =
          new ProcessBuilder("logger", "-t", "ext4lite[" + ProcessHandle.current().pid() + "]")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return logger.isAlive() && moved >= 0 ? pair[0] : closed(pair[0]);
    } catch (IOException e) {
      return closed(pair[0]);
    } finally {
      int nowhere = LinuxFiles.open("/dev/null", LinuxFiles.O_RDWR, 0);
      unused = LinuxFiles.dup2(nowhere, STDIN);
      unused = LinuxFiles.close(nowhere);
    }
  }

  private static int closed(int socket) {
    int unused = LinuxFiles.close(socket);
    return -Errno.ENOENT;
  }
}
