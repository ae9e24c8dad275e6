package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A seccomp filter that answers one system call with an errno, as the filters of containers do. It
 * holds for the calling thread and those it starts, for ever: only for a process made to test it.
 */
final class Seccomp {
  private static final int PR_SET_SECCOMP = 22;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final long MODE_FILTER = 2;

  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int RETURN = 0x06;
  private static final int ANSWER_ERRNO = 0x0005_0000;
  private static final int ALLOW = 0x7fff_0000;

  private final MethodHandle prctl;

  Seccomp() {
    Linker linker = Linker.nativeLinker();
    prctl =
        linker.downcallHandle(
            linker.defaultLookup().find("prctl").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
  }

  void deny(int systemCall, int errno) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      // struct sock_filter: code u16, jump if true u8, jump if false u8, value u32.
      MemorySegment filter = arena.allocate(4 * 8L, 8);
      instruction(filter, 0, LOAD_WORD, 0, 0);
      instruction(filter, 1, JUMP_IF_EQUAL, 1, systemCall);
      instruction(filter, 2, RETURN, 0, ANSWER_ERRNO | errno);
      instruction(filter, 3, RETURN, 0, ALLOW);
      MemorySegment program = arena.allocate(16, 8);
      program.set(JAVA_SHORT, 0, (short) 4);
      program.set(ADDRESS, 8, filter);
      call(PR_SET_NO_NEW_PRIVS, 1, MemorySegment.NULL);
      call(PR_SET_SECCOMP, MODE_FILTER, program);
    }
  }

  private static void instruction(
      MemorySegment filter, int index, int code, int jumpIfFalse, int value) {
    filter.set(JAVA_INT, index * 8L, code | jumpIfFalse << 24);
    filter.set(JAVA_INT, index * 8L + 4, value);
  }

  private void call(int option, long argument, MemorySegment pointer) throws Throwable {
    int result = (int) prctl.invokeExact(option, argument, pointer, 0L, 0L);
    if (result != 0) {
      throw new UnsupportedOperationException("prctl " + option + " is refused");
    }
  }
}
