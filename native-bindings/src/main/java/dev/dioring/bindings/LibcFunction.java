package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A function of libc that takes and returns integers and addresses. Each call leaves its errno in a
 * {@link CallState}; results are the function's, or {@code -errno}.
 *
 * <p>All functions share one shape, seven words in and one out, because the JVM spins classes for
 * every other shape, which took half of the time that a mount needed to start. The calling
 * conventions of Linux on x86-64 and aarch64 allow it: integers and addresses alike are whole
 * registers, also where a function is variadic; a callee looks at the low half of a register for an
 * int, and never at what it does not expect. Of a result that is an int the high half is undefined.
 *
 * <p>A record, so that the JIT treats the handle in a static final one as a constant.
 */
record LibcFunction(MethodHandle handle) {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /** Finds a function by its name. */
  static LibcFunction named(String name) {
    MemorySegment address =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsupportedOperationException("libc has no " + name));
    try {
      return new LibcFunction(
          LINKER.downcallHandle(address, SHAPE, Linker.Option.captureCallState("errno")));
    } catch (IllegalCallerException e) {
      throw new IllegalStateException(
          "native calls are not allowed: start Java with"
              + " --enable-native-access=dev.dioring.bindings (or ALL-UNNAMED on a class path)",
          e);
    }
  }

  /**
   * The address of memory that stays alive while a call is made with it, which is the caller's to
   * see to: the JVM keeps no arena open for an address.
   */
  static long addressOf(MemorySegment memory) {
    if (!memory.isNative() || !memory.scope().isAlive()) {
      throw new IllegalArgumentException("no live native memory: " + memory);
    }
    return memory.address();
  }

  /** Calls a function that returns an int. */
  int callInt(long a) {
    return callInt(a, 0, 0, 0, 0);
  }

  /** Calls a function that returns an int. */
  int callInt(long a, long b) {
    return callInt(a, b, 0, 0, 0);
  }

  /** Calls a function that returns an int. */
  int callInt(long a, long b, long c) {
    return callInt(a, b, c, 0, 0);
  }

  /** Calls a function that returns an int. */
  int callInt(long a, long b, long c, long d, long e) {
    CallState state = CallState.borrow();
    try {
      return state.result((int) invoke(state, a, b, c, d, e, 0, 0));
    } finally {
      state.giveBack();
    }
  }

  /** Calls a function that returns a long or an address. */
  long call(long a, long b, long c, long d) {
    return call(a, b, c, d, 0, 0);
  }

  /** Calls a function that returns a long or an address. */
  long call(long a, long b, long c, long d, long e, long f) {
    CallState state = CallState.borrow();
    try {
      return call(state, a, b, c, d, e, f, 0);
    } finally {
      state.giveBack();
    }
  }

  /** Calls a function that returns a long or an address, with the calling thread's own state. */
  long call(CallState state, long a, long b, long c, long d, long e, long f, long g) {
    return state.result(invoke(state, a, b, c, d, e, f, g));
  }

  private long invoke(CallState state, long a, long b, long c, long d, long e, long f, long g) {
    try {
      return (long) handle.invokeExact(state.segment(), a, b, c, d, e, f, g);
    } catch (Throwable t) {
      // The handle declares no checked exception: what it throws is a defect here.
      throw new AssertionError("native call failed before it was made", t);
    }
  }
}
