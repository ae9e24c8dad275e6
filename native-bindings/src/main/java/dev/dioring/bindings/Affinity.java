package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Which processors a thread may run on; see sched_setaffinity(2). */
public final class Affinity {
  private static final int CALLING_THREAD = 0;

  private static final MethodHandle SCHED_SETAFFINITY =
      NativeCalls.link(
          "sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  private Affinity() {}

  /**
   * Keeps the calling thread, which must be a platform thread, on one processor.
   *
   * @param processor its number, as Linux counts them
   * @return 0, or {@code -EINVAL} if the process may not run there
   */
  public static int stayOn(int processor) {
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      long words = processor / Long.SIZE + 1L;
      MemorySegment mask = arena.allocate(JAVA_LONG, words);
      mask.setAtIndex(JAVA_LONG, words - 1, 1L << processor);
      return state.result(
          (int)
              SCHED_SETAFFINITY.invokeExact(
                  state.segment(), CALLING_THREAD, mask.byteSize(), mask));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }
}
