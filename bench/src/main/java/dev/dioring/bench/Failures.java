package dev.dioring.bench;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.ext4lite.fs.Ext4Exception;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Turns exceptions of opening into one sentence and an exit code. */
final class Failures {
  private static final int EPERM = 1;
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int EUCLEAN = 117;

  private Failures() {}

  static BenchException opening(Path path, Exception e) {
    if (e instanceof NoSuchFileException) {
      return new BenchException(BenchException.NO_INPUT, path + ": no such file", e);
    }
    if (e instanceof AccessDeniedException) {
      return new BenchException(BenchException.NO_PERMISSION, path + ": permission denied", e);
    }
    if (e instanceof BlockIoException failed) {
      return new BenchException(code(failed.errno()), String.valueOf(e.getMessage()), e);
    }
    if (e instanceof Ext4Exception failed) {
      return new BenchException(code(failed.errno()), String.valueOf(e.getMessage()), e);
    }
    return new BenchException(
        BenchException.UNAVAILABLE, "opening " + path + ": " + e.getMessage(), e);
  }

  private static int code(int errno) {
    return switch (errno) {
      case ENOENT -> BenchException.NO_INPUT;
      case EPERM, EACCES -> BenchException.NO_PERMISSION;
      case EUCLEAN -> BenchException.DATA_ERROR;
      default -> BenchException.UNAVAILABLE;
    };
  }
}
