package dev.dioring.engine.dio;

import dev.dioring.engine.block.BlockRequest;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One file I/O request and its completion. The caller owns the object and reuses it once {@link
 * #kiComplete} has been entered; the engine allocates nothing for it.
 *
 * <p>The memory must stay alive and unmoved until then.
 */
public abstract class Kiocb {
  /** The write is complete only when its data and what is needed to read it back are durable. */
  public static final int DSYNC = 1;

  /** As {@link #DSYNC}, and all other metadata of the file too. */
  public static final int SYNC = 1 << 1;

  /** Answer {@code -EAGAIN} rather than wait for a lock or for metadata. */
  public static final int NOWAIT = 1 << 2;

  /** What a write has behind the end of the file is padding: it does not grow the file. */
  public static final int KEEP_SIZE = 1 << 3;

  /** The file's times stay as they are: the caller sets them, or asked for that (O_NOATIME). */
  public static final int KEEP_TIMES = 1 << 4;

  private boolean write;
  private long position;
  private MemorySegment memory = MemorySegment.NULL;
  private int bufferIndex;
  private int flags;
  private long privateWord;
  private @Nullable Object privateObject;

  /**
   * Called exactly once per submission: on the device's completion thread, on the mount's deferred
   * executor, or on the submitting thread if nothing had to be waited for. On the completion thread
   * it must not block. The request is idle again on entry. Must not throw.
   *
   * @param result bytes transferred, fewer than asked only at end of file, or {@code -errno}
   */
  protected abstract void kiComplete(long result);

  /**
   * Completes a request that a filesystem answers itself, without the direct-I/O layer.
   *
   * @param result as {@link #kiComplete} gets it
   */
  public final void answer(long result) {
    kiComplete(result);
  }

  /** Prepares a read of the whole segment. */
  public final Kiocb read(long position, MemorySegment memory, int flags) {
    return prepare(false, position, memory, flags);
  }

  /** Prepares a write of the whole segment. */
  public final Kiocb write(long position, MemorySegment memory, int flags) {
    return prepare(true, position, memory, flags);
  }

  /** Names the buffer, registered with the device, that the prepared memory lies in. */
  public final Kiocb registered(int bufferIndex) {
    this.bufferIndex = bufferIndex;
    return this;
  }

  public final boolean isWrite() {
    return write;
  }

  public final long position() {
    return position;
  }

  public final long lengthBytes() {
    return memory.byteSize();
  }

  public final MemorySegment memory() {
    return memory;
  }

  public final int bufferIndex() {
    return bufferIndex;
  }

  public final int flags() {
    return flags;
  }

  /** Whether the write asked for durability, {@link #DSYNC} or {@link #SYNC}. */
  public final boolean isSync() {
    return (flags & (DSYNC | SYNC)) != 0;
  }

  /** A word for the filesystem while the request is in flight; 0 when it is submitted. */
  public final long privateWord() {
    return privateWord;
  }

  public final void privateWord(long word) {
    this.privateWord = word;
  }

  /** An object for the filesystem while the request is in flight, a lock it carries for example. */
  public final @Nullable Object privateObject() {
    return privateObject;
  }

  public final void privateObject(@Nullable Object object) {
    this.privateObject = object;
  }

  private Kiocb prepare(boolean write, long position, MemorySegment memory, int flags) {
    this.write = write;
    this.position = position;
    this.memory = memory;
    this.flags = flags;
    this.bufferIndex = BlockRequest.NOT_REGISTERED;
    this.privateWord = 0;
    this.privateObject = null;
    return this;
  }
}
