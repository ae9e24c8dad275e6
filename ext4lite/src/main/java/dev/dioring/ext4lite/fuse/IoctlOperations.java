package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FileIoctl;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.IoctlIn;
import dev.dioring.bindings.fuse.IoctlOut;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The flags of lsattr and chattr. */
final class IoctlOperations {
  private final Ext4Namespace namespace;

  IoctlOperations(Ext4Namespace namespace) {
    this.namespace = namespace;
  }

  void register(Dispatcher dispatcher) {
    dispatcher.onChange(FuseOpcode.IOCTL, this::control);
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
      InodeAttributes unused = namespace.changeFlags(request.inodeNr(), flags);
      request.body(IoctlOut.BYTES);
      request.reply(IoctlOut.BYTES);
    } else {
      request.fail(Errno.ENOTTY);
    }
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
