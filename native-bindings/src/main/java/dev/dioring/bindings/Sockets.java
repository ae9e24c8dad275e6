package dev.dioring.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.libc.LibcH;
import dev.dioring.bindings.generated.libc.cmsghdr;
import dev.dioring.bindings.generated.libc.msghdr;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Descriptors passed between processes over a pair of UNIX sockets, each with one byte of data, as
 * {@code fusermount3} does. Failures are {@code -errno}.
 *
 * <pre>
 * control message: length u64 | level s32 | type s32 | descriptor s32
 * </pre>
 *
 * The buffer has room for one descriptor and not for the padding after it, which would hold a
 * second one: the kernel closes what does not fit, so a peer cannot make this process leak.
 */
public final class Sockets {
  private static final MethodHandle SOCKETPAIR =
      NativeCalls.link(
          "socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle SENDMSG =
      NativeCalls.link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECVMSG =
      NativeCalls.link("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private static final long HEADER_BYTES = cmsghdr.sizeof();
  private static final long MESSAGE_BYTES = HEADER_BYTES + Integer.BYTES;

  private Sockets() {}

  /**
   * Makes a connected pair of stream sockets, not closed on exec.
   *
   * @param descriptors gets the two, and stays as it is on failure
   * @return 0 or -errno
   */
  public static int pair(int[] descriptors) {
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT, 2);
      int result =
          state.result(
              (int)
                  SOCKETPAIR.invokeExact(
                      state.segment(), LibcH.AF_UNIX(), LibcH.SOCK_STREAM(), 0, out));
      if (result == 0) {
        descriptors[0] = out.getAtIndex(JAVA_INT, 0);
        descriptors[1] = out.getAtIndex(JAVA_INT, 1);
      }
      return result;
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** Sends a descriptor. @return 0 or -errno */
  public static int sendDescriptor(int socket, int descriptor) {
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = message(arena);
      MemorySegment control = control(arena, message);
      cmsghdr.cmsg_len(control, MESSAGE_BYTES);
      cmsghdr.cmsg_level(control, LibcH.SOL_SOCKET());
      cmsghdr.cmsg_type(control, LibcH.SCM_RIGHTS());
      control.set(JAVA_INT, HEADER_BYTES, descriptor);
      long sent =
          state.result(
              (long) SENDMSG.invokeExact(state.segment(), socket, message, LibcH.MSG_NOSIGNAL()));
      return (int) Math.min(0, sent);
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  /** Waits for a descriptor. @return it, or -errno; {@code -ENOTCONN} if the peer sent none */
  public static int receiveDescriptor(int socket) {
    CallState state = CallState.borrow();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = message(arena);
      MemorySegment control = control(arena, message);
      long received =
          state.result(
              (long)
                  RECVMSG.invokeExact(state.segment(), socket, message, LibcH.MSG_CMSG_CLOEXEC()));
      if (received < 0) {
        return (int) received;
      }
      boolean carries =
          received > 0
              && msghdr.msg_controllen(message) >= MESSAGE_BYTES
              && cmsghdr.cmsg_level(control) == LibcH.SOL_SOCKET()
              && cmsghdr.cmsg_type(control) == LibcH.SCM_RIGHTS();
      return carries ? control.get(JAVA_INT, HEADER_BYTES) : -Errno.ENOTCONN;
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    } finally {
      state.giveBack();
    }
  }

  private static MemorySegment message(Arena arena) {
    MemorySegment message = arena.allocate(msghdr.layout());
    IoVec data = new IoVec(arena, 1);
    data.set(0, arena.allocate(1).address(), 1);
    msghdr.msg_iov(message, data.segment());
    msghdr.msg_iovlen(message, 1);
    return message;
  }

  private static MemorySegment control(Arena arena, MemorySegment message) {
    MemorySegment control = arena.allocate(MESSAGE_BYTES, Long.BYTES);
    msghdr.msg_control(message, control);
    msghdr.msg_controllen(message, MESSAGE_BYTES);
    return control;
  }
}
