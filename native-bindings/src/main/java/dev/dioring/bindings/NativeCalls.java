package dev.dioring.bindings;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Links libc functions so that each call hands its errno to a {@link CallState}. */
final class NativeCalls {
  private static final Linker LINKER = Linker.nativeLinker();

  private NativeCalls() {}

  /** Links a function of libc; its handle takes the errno segment as the first argument. */
  static MethodHandle link(String name, FunctionDescriptor signature) {
    return link(name, signature, Linker.Option.captureCallState("errno"));
  }

  /** As {@link #link}, for a variadic function whose arguments from {@code index} on vary. */
  static MethodHandle linkVariadic(String name, FunctionDescriptor signature, int index) {
    return link(
        name,
        signature,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(index));
  }

  private static MethodHandle link(
      String name, FunctionDescriptor signature, Linker.Option... options) {
    try {
      return LINKER.downcallHandle(
          LINKER
              .defaultLookup()
              .find(name)
              .orElseThrow(() -> new UnsupportedOperationException("libc has no " + name)),
          signature,
          options);
    } catch (IllegalCallerException e) {
      throw new IllegalStateException(
          "native calls are not allowed: start Java with"
              + " --enable-native-access=dev.dioring.bindings (or ALL-UNNAMED on a class path)",
          e);
    }
  }

  /** What a handle that declares no checked exception can throw is a defect here. */
  static AssertionError unexpected(Throwable t) {
    return new AssertionError("native call failed before it was made", t);
  }
}
