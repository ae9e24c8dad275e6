package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FileIoctl;
import dev.dioring.bindings.fuse.FileXflags;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.IoctlIn;
import dev.dioring.bindings.fuse.IoctlOut;
import dev.dioring.bindings.fuse.TrimRange;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The flags and the project of files, as ext4 and as all filesystems have them; and the others. */
final class IoctlOperations {
  private final Ext4Namespace namespace;
  private final TrimOperation trim;
  private final VolumeControl volume;
  private final Notifier notifier;

  IoctlOperations(
      Ext4Namespace namespace, TrimOperation trim, VolumeControl volume, Notifier notifier) {
    this.volume = volume;
    this.namespace = namespace;
    this.trim = trim;
    this.notifier = notifier;
  }

  void register(Dispatcher dispatcher) {
    dispatcher.onThread(FuseOpcode.IOCTL, this::control);
  }

  private void control(Request request) throws IOException {
    long at = request.arguments(IoctlIn.BYTES);
    MemorySegment memory = request.memory();
    int command = IoctlIn.command(memory, at);
    int outBytes = IoctlIn.outBytes(memory, at);
    if (command == FileIoctl.GET_FLAGS) {
      reply(request, namespace.attributes(request.inodeNr()).flags(), outBytes);
    } else if (command == FileIoctl.GET_VERSION) {
      reply(request, namespace.attributes(request.inodeNr()).generation(), outBytes);
    } else if (command == FileIoctl.SET_FLAGS && request.tailBytes() >= Integer.BYTES) {
      int flags = MemorySegment.ofArray(request.bytes(Integer.BYTES)).get(JAVA_INT_UNALIGNED, 0);
      changed(request, namespace.changeFlags(request.inodeNr(), flags));
    } else if (command == FileIoctl.GET_XFLAGS && outBytes == FileXflags.BYTES) {
      getXflags(request);
    } else if (command == FileIoctl.SET_XFLAGS && request.tailBytes() >= FileXflags.BYTES) {
      setXflags(request, MemorySegment.ofArray(request.bytes(FileXflags.BYTES)));
    } else if (command == FileIoctl.TRIM && request.tailBytes() >= TrimRange.BYTES) {
      trim.serve(request);
    } else if (!volume.serves(request, command)) {
      request.fail(Errno.ENOTTY);
    }
  }

  private void getXflags(Request request) throws IOException {
    InodeAttributes inode = namespace.attributes(request.inodeNr());
    long at = request.body(IoctlOut.BYTES + FileXflags.BYTES) + IoctlOut.BYTES;
    FileXflags.xflags(request.memory(), at, Xflags.common(inode.flags()));
    FileXflags.projectId(request.memory(), at, (int) inode.projectId());
    request.reply(IoctlOut.BYTES + FileXflags.BYTES);
  }

  private void setXflags(Request request, MemorySegment wanted) throws IOException {
    int xflags = FileXflags.xflags(wanted, 0);
    InodeAttributes inode = namespace.attributes(request.inodeNr());
    long project = Integer.toUnsignedLong(FileXflags.projectId(wanted, 0));
    changed(
        request,
        namespace.changeFlags(inode.inodeNr(), Xflags.own(inode.flags(), xflags), project));
  }

  /** The kernel does not expect that the time of the change is another one now. */
  private void changed(Request request, InodeAttributes inode) {
    notifier.attributesChanged(inode.inodeNr());
    request.body(IoctlOut.BYTES);
    request.reply(IoctlOut.BYTES);
  }

  /** Replies with a number, in the room that the caller has, a long or an int. */
  private static void reply(Request request, int value, int outBytes) {
    if (outBytes != Integer.BYTES && outBytes != Long.BYTES) {
      request.fail(Errno.ENOTTY);
      return;
    }
    long at = request.body(IoctlOut.BYTES + outBytes);
    request.memory().set(JAVA_INT, at + IoctlOut.BYTES, value);
    request.reply(IoctlOut.BYTES + outBytes);
  }
}
