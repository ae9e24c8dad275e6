package dev.dioring.bindings.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.generated.fuse.FuseH;
import dev.dioring.bindings.generated.fuse.fuse_notify_inval_inode_out;
import java.lang.foreign.MemorySegment;

/** A notification that what the kernel has cached of a node is out of date. */
public final class InvalInodeOut {
  public static final int BYTES = (int) fuse_notify_inval_inode_out.sizeof();

  /** What its header has in place of an error. */
  public static final int CODE = FuseH.FUSE_NOTIFY_INVAL_INODE();

  private static final long NODE_AT = fuse_notify_inval_inode_out.ino$offset();
  private static final long POSITION_AT = fuse_notify_inval_inode_out.off$offset();
  private static final long LENGTH_AT = fuse_notify_inval_inode_out.len$offset();

  private InvalInodeOut() {}

  public static void nodeId(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + NODE_AT, value);
  }

  /** Where its data is out of date; negative for its attributes alone. */
  public static void position(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + POSITION_AT, value);
  }

  /** How much of its data is; 0 and less is all from there on. */
  public static void lengthBytes(MemorySegment memory, long at, long value) {
    memory.set(JAVA_LONG, at + LENGTH_AT, value);
  }
}
