package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.dioring.bindings.generated.iouring.io_uring_cqe;
import java.lang.foreign.MemorySegment;

/** One completion entry, {@code struct io_uring_cqe}: user data u64, result s32, flags u32. */
public final class Cqe {
  /** Size of an entry of a ring without CQE32. */
  public static final int BYTES = 16;

  private static final long USER_DATA = io_uring_cqe.user_data$offset();
  private static final long RESULT = io_uring_cqe.res$offset();
  private static final long FLAGS = io_uring_cqe.flags$offset();

  private Cqe() {}

  public static long userData(MemorySegment cqes, long at) {
    return cqes.get(JAVA_LONG_UNALIGNED, at + USER_DATA);
  }

  /** The operation's result or {@code -errno}. */
  public static int result(MemorySegment cqes, long at) {
    return cqes.get(JAVA_INT_UNALIGNED, at + RESULT);
  }

  /** CQE_F_* flags. */
  public static int flags(MemorySegment cqes, long at) {
    return cqes.get(JAVA_INT_UNALIGNED, at + FLAGS);
  }
}
