package dev.dioring.ext4lite.fs;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was made so far and has to be closed, the last first: each may need those before it. */
final class Resources {
  private final Deque<AutoCloseable> made = new ArrayDeque<>();

  <T extends AutoCloseable> T own(T resource) {
    made.push(resource);
    return resource;
  }

  /** Closes all, because what they were made for failed; what fails now goes with that. */
  void closeAfter(Exception failure) {
    for (AutoCloseable resource : made) {
      try {
        resource.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Closes all, whatever fails. */
  void close() throws IOException {
    IOException failure = null;
    for (AutoCloseable resource : made) {
      try {
        resource.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IOException("closing " + resource, e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
