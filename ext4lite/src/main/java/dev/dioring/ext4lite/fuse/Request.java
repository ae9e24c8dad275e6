package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.InHeader;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One request of the kernel, from its arrival to its one reply; the transport that owns it uses it
 * again afterwards. Between arrival and reply it belongs to whoever serves it.
 *
 * <p>The payload is page-aligned: a WRITE's data arrives there, and the body of every reply is made
 * there, once the arguments have been read.
 */
final class Request {
  /** Room behind the largest transfer, for the blocks around one that is not aligned. */
  static final int SLACK_BYTES = 2 * 4096;

  private enum State {
    /** The transport has it. */
    IDLE,
    /** It waits for its reply. */
    OPEN
  }

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Request.class, "state", State.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ReplyPort port;
  private final RequestCounters counters;
  private final MemorySegment memory;
  private final long payloadAt;
  private final int number;

  /** Changed through {@link #STATE}: whoever closes it sends the reply. */
  private State state = State.IDLE;

  private long arrivedNanos;
  private int opcode;
  private long unique;
  private long nodeId;
  private int pid;
  private int uid;
  private int gid;
  private int extensionBytes;
  private long argumentsAt;

  /** What follows the fixed part of the arguments, names for example: the next of it, its end. */
  private long tailAt;

  private long tailEnd;
  private boolean tailInPayload;

  private final FileTransfer transfer = new FileTransfer(this);

  /**
   * Makes an idle request.
   *
   * @param number tells the requests of a transport apart
   * @param payloadAt where the payload starts in the memory, aligned to pages
   */
  Request(
      ReplyPort port, RequestCounters counters, int number, MemorySegment memory, long payloadAt) {
    this.port = port;
    this.counters = counters;
    this.number = number;
    this.memory = memory;
    this.payloadAt = payloadAt;
  }

  /**
   * Takes a request whose arguments follow its header and whose names follow those.
   *
   * @return false if it is shorter than it says
   */
  boolean arrivedInline(long headerAt, long lengthBytes) {
    readHeader(headerAt);
    argumentsAt = headerAt + InHeader.BYTES;
    tailInPayload = false;
    tailEnd = headerAt + lengthBytes - extensionBytes;
    return lengthBytes >= InHeader.BYTES && lengthBytes == InHeader.lengthBytes(memory, headerAt);
  }

  /** Takes a request whose names or data lie in the payload. */
  void arrivedSplit(long headerAt, long fixedArgumentsAt, int payloadBytes) {
    readHeader(headerAt);
    argumentsAt = fixedArgumentsAt;
    tailInPayload = true;
    tailEnd = payloadAt + payloadBytes - extensionBytes;
  }

  private void readHeader(long at) {
    boolean taken = STATE.compareAndSet(this, State.IDLE, State.OPEN);
    assert taken : this + " arrived before the last one was answered";
    arrivedNanos = System.nanoTime();
    opcode = InHeader.opcode(memory, at);
    unique = InHeader.unique(memory, at);
    nodeId = InHeader.nodeId(memory, at);
    pid = InHeader.pid(memory, at);
    uid = InHeader.uid(memory, at);
    gid = InHeader.gid(memory, at);
    extensionBytes = Short.toUnsignedInt(InHeader.extensionWords(memory, at)) * Long.BYTES;
  }

  int number() {
    return number;
  }

  /** Whether it waits for its reply; a moment's view. */
  boolean isOpen() {
    return (State) STATE.getOpaque(this) == State.OPEN;
  }

  RequestCounters counters() {
    return counters;
  }

  /** What is asked, or null if it is not known here. */
  @Nullable FuseOpcode opcode() {
    return FuseOpcode.of(opcode);
  }

  long unique() {
    return unique;
  }

  /** The number of the inode asked about. */
  long inodeNr() {
    return Nodes.inodeNr(nodeId);
  }

  /** The thread that asks, 0 if it is none that can be seen from here. */
  int pid() {
    return pid;
  }

  long uid() {
    return Integer.toUnsignedLong(uid);
  }

  long gid() {
    return Integer.toUnsignedLong(gid);
  }

  /** When it arrived, by {@link System#nanoTime}. */
  long arrivedNanos() {
    return arrivedNanos;
  }

  /** Whether the thread it arrived on may wait for a lock or a commit. */
  boolean mayWait() {
    return port.mayWait();
  }

  MemorySegment memory() {
    return memory;
  }

  long payloadAt() {
    return payloadAt;
  }

  /** Bytes of payload, {@link #SLACK_BYTES} included. */
  long payloadBytes() {
    return memory.byteSize() - payloadAt;
  }

  /** The I/O that serves it. */
  FileTransfer transfer() {
    return transfer;
  }

  /**
   * Where the fixed part of the arguments lies. What follows it is read next.
   *
   * @param fixedBytes length of that part, 0 if there is none
   */
  long arguments(int fixedBytes) {
    tailAt = tailInPayload ? payloadAt : argumentsAt + fixedBytes;
    return argumentsAt;
  }

  /** Where what follows the fixed part, or the name read last, lies. */
  long tailAt() {
    return tailAt;
  }

  /** How much of it there is. */
  long tailBytes() {
    return tailEnd - tailAt;
  }

  /**
   * Reads the next name, which ends with a zero byte.
   *
   * @throws MalformedRequestException if there is none
   */
  byte[] name() {
    long end = tailAt;
    while (end < tailEnd && memory.get(JAVA_BYTE, end) != 0) {
      end++;
    }
    if (end >= tailEnd) {
      throw new MalformedRequestException("a name that does not end");
    }
    byte[] name = memory.asSlice(tailAt, end - tailAt).toArray(JAVA_BYTE);
    tailAt = end + 1;
    return name;
  }

  /** Reads the next bytes. @throws MalformedRequestException if there are fewer */
  byte[] bytes(int count) {
    if (count < 0 || count > tailBytes()) {
      throw new MalformedRequestException(count + " bytes where " + tailBytes() + " are");
    }
    byte[] bytes = memory.asSlice(tailAt, count).toArray(JAVA_BYTE);
    tailAt += count;
    return bytes;
  }

  /** Clears the start of the payload for a reply. @return where it lies */
  long body(int bytes) {
    memory.asSlice(payloadAt, bytes).fill((byte) 0);
    return payloadAt;
  }

  /** Replies with the start of the payload. */
  void reply(int bytes) {
    replyFrom(payloadAt, bytes);
  }

  /** Replies with a part of the memory. */
  void replyFrom(long at, int bytes) {
    close();
    count(false);
    port.reply(this, 0, at, bytes);
  }

  /** Replies that it was done. */
  void replyDone() {
    replyFrom(payloadAt, 0);
  }

  /** Replies with bytes. */
  void reply(byte[] bytes) {
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, payloadAt, bytes.length);
    reply(bytes.length);
  }

  /** Replies that it failed, unless it was answered already. */
  void fail(int errno) {
    if (STATE.compareAndSet(this, State.OPEN, State.IDLE)) {
      count(true);
      port.reply(this, -Math.abs(errno == 0 ? Errno.EIO : errno), payloadAt, 0);
    }
  }

  /** Ends a request that has no reply. */
  void drop() {
    close();
    count(false);
    port.drop(this);
  }

  private void count(boolean failed) {
    counters.ended(opcode(), System.nanoTime() - arrivedNanos, failed);
  }

  private void close() {
    if (!STATE.compareAndSet(this, State.OPEN, State.IDLE)) {
      throw new IllegalStateException(this + " is answered twice");
    }
  }

  @Override
  public String toString() {
    FuseOpcode known = opcode();
    return (known == null ? "opcode " + opcode : known)
        + " "
        + Long.toUnsignedString(unique)
        + " of node "
        + Long.toUnsignedString(nodeId);
  }
}
