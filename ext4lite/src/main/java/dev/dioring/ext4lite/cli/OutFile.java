package dev.dioring.ext4lite.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A file that a copy goes to. Where it is a regular one, runs of zeroes become holes. */
final class OutFile implements AutoCloseable {
  private static final int HOLE_BYTES = 4096;
  private static final byte[] ZEROES = new byte[HOLE_BYTES];

  private final Path path;
  private @Nullable FileChannel channel;
  private boolean sparse;
  private long position;

  OutFile(Path path) {
    this.path = path;
  }

  /** Makes or empties the file. */
  FileCopy.Sink open() throws IOException {
    FileChannel opened = create();
    channel = opened;
    sparse = Files.isRegularFile(path);
    return (bytes, length) -> write(opened, bytes, length);
  }

  private FileChannel create() throws IOException {
    try {
      return FileChannel.open(
          path,
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING);
    } catch (NoSuchFileException e) {
      throw new CliException(ExitStatus.CANT_CREATE, path + ": there is no such directory");
    } catch (AccessDeniedException e) {
      throw new CliException(ExitStatus.CANT_CREATE, path + ": access denied");
    }
  }

  /** Everything was written. */
  void end() throws IOException {
    FileChannel opened = channel;
    if (opened != null && sparse && opened.size() < position) {
      // The last byte of a file that ends in a hole.
      opened.write(ByteBuffer.wrap(ZEROES, 0, 1), position - 1);
    }
  }

  @Override
  public void close() throws IOException {
    FileChannel opened = channel;
    if (opened != null) {
      opened.close();
    }
  }

  private void write(FileChannel to, byte[] bytes, int length) throws IOException {
    if (!sparse) {
      put(to, bytes, 0, length);
      return;
    }
    int at = 0;
    while (at < length) {
      int end = at;
      boolean hole = isHole(bytes, at, length);
      while (end < length && isHole(bytes, end, length) == hole) {
        end = Math.min(length, end + HOLE_BYTES);
      }
      if (hole) {
        position += end - at;
      } else {
        put(to, bytes, at, end);
      }
      at = end;
    }
  }

  private static boolean isHole(byte[] bytes, int at, int length) {
    int end = Math.min(length, at + HOLE_BYTES);
    return Arrays.equals(bytes, at, end, ZEROES, 0, end - at);
  }

  private void put(FileChannel to, byte[] bytes, int from, int end) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes, from, end - from);
    while (rest.hasRemaining()) {
      int written = sparse ? to.write(rest, position) : to.write(rest);
      position += written;
    }
  }
}
