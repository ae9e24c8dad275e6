package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.IoVec;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.fuse.InvalInodeOut;
import dev.dioring.bindings.fuse.OutHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Tells the kernel that something changed which it has cached and did not change itself. Over
 * either transport that goes through /dev/fuse. Thread-safe.
 */
final class Notifier {
  private static final long ATTRIBUTES_ALONE = -1;

  private final int fd;

  Notifier(int fd) {
    this.fd = fd;
  }

  /**
   * The attributes of an inode changed. Only for one that is in use by the request under way: the
   * kernel would wait for one that it is just dropping. It drops no data, so it waits for no other
   * request.
   */
  void attributesChanged(long inodeNr) {
    send(inodeNr, ATTRIBUTES_ALONE, 0);
  }

  /**
   * Data of an inode changed, and the kernel is to drop the pages it has of it. It waits for those
   * that are being read: not for a thread that these reads may need.
   */
  void dataChanged(long inodeNr, long position, long lengthBytes) {
    send(inodeNr, position, lengthBytes);
  }

  private void send(long inodeNr, long position, long lengthBytes) {
    int bytes = OutHeader.BYTES + InvalInodeOut.BYTES;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(bytes, Long.BYTES);
      OutHeader.lengthBytes(memory, 0, bytes);
      OutHeader.error(memory, 0, InvalInodeOut.CODE);
      OutHeader.unique(memory, 0, 0);
      InvalInodeOut.nodeId(memory, OutHeader.BYTES, Nodes.nodeId(inodeNr));
      InvalInodeOut.position(memory, OutHeader.BYTES, position);
      InvalInodeOut.lengthBytes(memory, OutHeader.BYTES, lengthBytes);
      IoVec vector = new IoVec(arena, 1);
      vector.set(0, memory.address(), bytes);
      long result = LinuxFiles.writev(fd, vector.segment(), 1);
      // ENOENT: the kernel does not know the inode any more.
      if (result < 0 && result != -Errno.ENOENT && result != -Errno.ENODEV) {
        Session.LOG.warn(
            "telling the kernel of inode {}: {}", inodeNr, Errno.describe((int) result));
      }
    }
  }
}
