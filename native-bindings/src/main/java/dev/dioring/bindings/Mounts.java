package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.libc.LibcH;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** mount(2) and umount2(2). Failures are {@code -errno}. */
public final class Mounts {
  public static final int MS_RDONLY = LibcH.MS_RDONLY();
  public static final int MS_NOSUID = LibcH.MS_NOSUID();
  public static final int MS_NODEV = LibcH.MS_NODEV();
  public static final int MS_NOEXEC = LibcH.MS_NOEXEC();
  public static final int MS_NOATIME = LibcH.MS_NOATIME();
  public static final int MS_NODIRATIME = LibcH.MS_NODIRATIME();
  public static final int MS_RELATIME = LibcH.MS_RELATIME();
  public static final int MS_STRICTATIME = LibcH.MS_STRICTATIME();
  public static final int MS_LAZYTIME = LibcH.MS_LAZYTIME();
  public static final int MS_SYNCHRONOUS = LibcH.MS_SYNCHRONOUS();
  public static final int MS_DIRSYNC = LibcH.MS_DIRSYNC();
  public static final int MNT_DETACH = LibcH.MNT_DETACH();

  private static final MethodHandle MOUNT =
      NativeCalls.link(
          "mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle UMOUNT2 =
      NativeCalls.link("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private Mounts() {}

  public static int mount(
      String source, String target, String fileSystemType, long flags, String data) {
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      return state.result(
          (int)
              MOUNT.invokeExact(
                  state.segment(),
                  arena.allocateFrom(source),
                  arena.allocateFrom(target),
                  arena.allocateFrom(fileSystemType),
                  flags,
                  arena.allocateFrom(data)));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  public static int unmount(String target, int flags) {
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      return state.result(
          (int) UMOUNT2.invokeExact(state.segment(), arena.allocateFrom(target), flags));
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }
}
