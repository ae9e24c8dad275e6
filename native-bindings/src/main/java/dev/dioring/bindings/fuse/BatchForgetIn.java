package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.fuse.fuse_batch_forget_in;
import java.lang.foreign.MemorySegment;

/** BATCH_FORGET; as many {@link ForgetOne} follow. It lies at an offset in memory. */
public final class BatchForgetIn {
  public static final int BYTES = (int) fuse_batch_forget_in.sizeof();

  private static final long COUNT_AT = fuse_batch_forget_in.count$offset();

  private BatchForgetIn() {}

  public static int count(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + COUNT_AT);
  }
}
