package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.dioring.bindings.Sqe;
import dev.dioring.bindings.generated.fuse.FuseH;
import dev.dioring.bindings.generated.fuse.fuse_uring_cmd_req;
import dev.dioring.bindings.generated.fuse.fuse_uring_ent_in_out;
import dev.dioring.bindings.generated.fuse.fuse_uring_req_header;
import java.lang.foreign.MemorySegment;

/**
 * What an entry of FUSE over io_uring shares with the kernel beside its payload, at an offset in
 * memory, and the commands that hand it over.
 *
 * <pre>
 * request or reply header, 128 bytes | fixed arguments, 128 bytes | commit id, payload size
 * </pre>
 */
public final class RingHeader {
  public static final int BYTES = (int) fuse_uring_req_header.sizeof();
  public static final long HEADER = fuse_uring_req_header.in_out$offset();
  public static final long ARGUMENTS = fuse_uring_req_header.op_in$offset();

  private static final long ENTRY = fuse_uring_req_header.ring_ent_in_out$offset();
  private static final long COMMIT_ID_AT = ENTRY + fuse_uring_ent_in_out.commit_id$offset();
  private static final long PAYLOAD_AT = ENTRY + fuse_uring_ent_in_out.payload_sz$offset();
  private static final long COMMAND_COMMIT_ID_AT = fuse_uring_cmd_req.commit_id$offset();
  private static final long COMMAND_QUEUE_AT = fuse_uring_cmd_req.qid$offset();

  private RingHeader() {}

  public static long commitId(MemorySegment memory, long at) {
    return memory.get(JAVA_LONG, at + COMMIT_ID_AT);
  }

  public static int payloadBytes(MemorySegment memory, long at) {
    return memory.get(JAVA_INT, at + PAYLOAD_AT);
  }

  public static void payloadBytes(MemorySegment memory, long at, int value) {
    memory.set(JAVA_INT, at + PAYLOAD_AT, value);
  }

  /** Offers an entry, two parts of memory that an iovec names, to a queue. */
  public static void register(
      MemorySegment sqes, long at, int fd, int queue, long vectorAddress, int vectorCount) {
    prepare(sqes, at, fd, FuseH.FUSE_IO_URING_CMD_REGISTER(), queue);
    Sqe.memory(sqes, at, vectorAddress, vectorCount);
  }

  /** Hands a reply over and asks for the next request. */
  public static void commitAndFetch(MemorySegment sqes, long at, int fd, int queue, long commitId) {
    prepare(sqes, at, fd, FuseH.FUSE_IO_URING_CMD_COMMIT_AND_FETCH(), queue);
    sqes.set(JAVA_LONG_UNALIGNED, at + Sqe.command() + COMMAND_COMMIT_ID_AT, commitId);
  }

  private static void prepare(MemorySegment sqes, long at, int fd, int command, int queue) {
    Sqe.wideCommand(sqes, at, fd, command);
    sqes.set(JAVA_SHORT_UNALIGNED, at + Sqe.command() + COMMAND_QUEUE_AT, (short) queue);
  }
}
