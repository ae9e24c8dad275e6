package dev.dioring.bindings;

import static dev.dioring.bindings.LibcFunction.addressOf;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.dioring.bindings.generated.libc.LibcH;
import dev.dioring.bindings.generated.libc.cmsghdr;
import dev.dioring.bindings.generated.libc.msghdr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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
  private static final LibcFunction SOCKETPAIR = LibcFunction.named("socketpair");
  private static final LibcFunction SENDMSG = LibcFunction.named("sendmsg");
  private static final LibcFunction RECVMSG = LibcFunction.named("recvmsg");

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
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT, 2);
      int result = SOCKETPAIR.callInt(LibcH.AF_UNIX(), LibcH.SOCK_STREAM(), 0, addressOf(out), 0);
      if (result == 0) {
        descriptors[0] = out.getAtIndex(JAVA_INT, 0);
        descriptors[1] = out.getAtIndex(JAVA_INT, 1);
      }
      return result;
    }
  }

  /** Sends a descriptor. @return 0 or -errno */
  public static int sendDescriptor(int socket, int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = message(arena);
      MemorySegment control = control(arena, message);
      cmsghdr.cmsg_len(control, MESSAGE_BYTES);
      cmsghdr.cmsg_level(control, LibcH.SOL_SOCKET());
      cmsghdr.cmsg_type(control, LibcH.SCM_RIGHTS());
      control.set(JAVA_INT, HEADER_BYTES, descriptor);
      long sent = SENDMSG.call(socket, addressOf(message), LibcH.MSG_NOSIGNAL(), 0);
      return (int) Math.min(0, sent);
    }
  }

  /** Waits for a descriptor. @return it, or -errno; {@code -ENOTCONN} if the peer sent none */
  public static int receiveDescriptor(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = message(arena);
      MemorySegment control = control(arena, message);
      long received = RECVMSG.call(socket, addressOf(message), LibcH.MSG_CMSG_CLOEXEC(), 0);
      if (received < 0) {
        return (int) received;
      }
      boolean carries =
          received > 0
              && msghdr.msg_controllen(message) >= MESSAGE_BYTES
              && cmsghdr.cmsg_level(control) == LibcH.SOL_SOCKET()
              && cmsghdr.cmsg_type(control) == LibcH.SCM_RIGHTS();
      return carries ? control.get(JAVA_INT, HEADER_BYTES) : -Errno.ENOTCONN;
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
