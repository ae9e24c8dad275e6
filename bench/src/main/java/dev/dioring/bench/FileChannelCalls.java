package dev.dioring.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/** The JDK's own way to do direct I/O: positional reads and writes of a FileChannel. */
final class FileChannelCalls implements BlockingTarget.Calls {
  private final FileChannel channel;
  private final long sizeBytes;
  private final int alignmentBytes;
  private final boolean dataOnly;

  FileChannelCalls(JobSpec spec, int jobNumber) throws BenchException {
    Path path = Path.of(spec.filename(jobNumber));
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    if (spec.pattern().writes) {
      options.add(StandardOpenOption.WRITE);
    }
    if (spec.direct()) {
      options.add(directOption());
    }
    dataOnly = spec.fdatasync();
    try {
      alignmentBytes = spec.direct() ? (int) Files.getFileStore(path).getBlockSize() : 1;
      channel = FileChannel.open(path, options);
      sizeBytes = channel.size();
    } catch (UnsupportedOperationException | IOException e) {
      throw Failures.opening(path, e);
    }
  }

  /** The JDK's option for O_DIRECT, by name: the compiler warns of its package unsuppressibly. */
  private static OpenOption directOption() throws BenchException {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return (OpenOption) options.getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      throw new BenchException(
          BenchException.UNAVAILABLE, "this JDK has no direct I/O for FileChannel", e);
    }
  }

  @Override
  public Target.Backend backend() {
    return new Target.Backend("filechannel", "as asked", alignmentBytes > 1 ? "DIRECT" : "");
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public int alignmentBytes() {
    return alignmentBytes;
  }

  @Override
  public long perform(Turn turn) throws IOException {
    if (turn.action == Turn.Action.SYNC) {
      channel.force(!dataOnly);
      return 0;
    }
    ByteBuffer buffer = turn.buffer.clear();
    int done =
        turn.action == Turn.Action.READ
            ? channel.read(buffer, turn.byteOffset)
            : channel.write(buffer, turn.byteOffset);
    return Math.max(0, done);
  }

  @Override
  public void close() throws BenchException {
    try {
      channel.close();
    } catch (IOException e) {
      throw new BenchException(BenchException.IO_ERROR, "closing: " + e.getMessage(), e);
    }
  }
}
