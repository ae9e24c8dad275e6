package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.Sockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Mounting without being root, through the set-uid program of libfuse. It hands the descriptor of
 * the connection over a socket, which it finds as its standard input: the only descriptors that a
 * JVM lets a program inherit are the first three.
 */
final class FuserMount {
  private static final String PROGRAM = "fusermount3";
  private static final int STDIN = 0;

  private FuserMount() {}

  static int mount(String source, Path directory, MountOptions options, int readBytesMax)
      throws IOException {
    int[] pair = new int[2];
    int result = Sockets.pair(pair);
    if (result < 0) {
      throw new MountException("making a socket for " + PROGRAM, result, "");
    }
    int savedInput = LinuxFiles.dup(STDIN);
    try {
      int moved = LinuxFiles.dup2(pair[1], STDIN);
      int unused = LinuxFiles.close(pair[1]);
      if (moved < 0) {
        throw new MountException("passing a socket to " + PROGRAM, moved, "");
      }
      return mount(pair[0], directory, list(source, options, readBytesMax));
    } finally {
      int unused = LinuxFiles.close(pair[0]);
      if (savedInput >= 0) {
        unused = LinuxFiles.dup2(savedInput, STDIN);
        unused = LinuxFiles.close(savedInput);
      } else {
        unused = LinuxFiles.close(STDIN);
      }
    }
  }

  static void unmount(Path directory, boolean lazy) throws IOException {
    List<String> command = new ArrayList<>(List.of(PROGRAM, "-u", "-q"));
    if (lazy) {
      command.add("-z");
    }
    command.addAll(List.of("--", directory.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Process process = start(builder);
    String said = output(process);
    if (exitCode(process) != 0) {
      throw new MountException("unmounting " + directory, Errno.EBUSY, said);
    }
  }

  private static int mount(int socket, Path directory, String options) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(PROGRAM, "-o", options, "--", directory.toString())
            .redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectErrorStream(true);
    builder.environment().put("_FUSE_COMMFD", Integer.toString(STDIN));
    Process process = start(builder);
    String said = output(process);
    if (exitCode(process) != 0) {
      throw new MountException("mounting on " + directory, Errno.EPERM, said);
    }
    int fd = Sockets.receiveDescriptor(socket);
    if (fd < 0) {
      throw new MountException("receiving the connection from " + PROGRAM, fd, said);
    }
    return fd;
  }

  private static String list(String source, MountOptions options, int readBytesMax) {
    List<String> list = new ArrayList<>(options.flagNames());
    list.add("default_permissions");
    list.add("max_read=" + readBytesMax);
    list.add("subtype=ext4lite");
    list.add("fsname=" + source.replace("\\", "\\\\").replace(",", "\\,"));
    if (options.allowOther()) {
      list.add("allow_other");
    }
    return String.join(",", list);
  }

  private static Process start(ProcessBuilder builder) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new MountException(
          "mounting without being root", Errno.ENOENT, "install " + PROGRAM + " (package fuse3)");
    }
  }

  private static String output(Process process) throws IOException {
    byte[] said = process.getInputStream().readAllBytes();
    return new String(said, StandardCharsets.UTF_8).strip().replace('\n', ' ');
  }

  private static int exitCode(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + PROGRAM + " ran", e);
    }
  }
}
