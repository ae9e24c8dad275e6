package dev.dioring.ext4lite.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory for the files of one run, gone when that ends or is interrupted, unless kept. */
final class WorkDirectory implements AutoCloseable {
  private final Path path;
  private final boolean kept;
  private final Thread hook = new Thread(this::cutShort, "clean-up");

  /** What has to end before the files can go, when the run is interrupted. */
  private volatile Runnable ending = () -> {};

  private WorkDirectory(Path path, boolean kept) {
    this.path = path;
    this.kept = kept;
  }

  static WorkDirectory make(Path parent, String prefix, boolean kept) throws IOException {
    WorkDirectory made = new WorkDirectory(Files.createTempDirectory(parent, prefix), kept);
    Runtime.getRuntime().addShutdownHook(made.hook);
    return made;
  }

  Path path() {
    return path;
  }

  /** Says what is to be done first when the run is interrupted; replaces what was said before. */
  void whenInterrupted(Runnable first) {
    ending = first;
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the hook is at it
    }
    delete();
  }

  private void cutShort() {
    ending.run();
    try {
      delete();
    } catch (IOException e) {
      System.err.println("ext4lite: " + path + " is left behind: " + e.getMessage());
    }
  }

  private void delete() throws IOException {
    if (!kept) {
      deleteTree(path);
    }
  }

  /** Deletes a directory and all in it, whatever of it is gone already. */
  static void deleteTree(Path top) throws IOException {
    try (Stream<Path> files = Files.walk(top)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
