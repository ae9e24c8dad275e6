package dev.dioring.ext4lite.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.GetXattrIn;
import dev.dioring.bindings.fuse.GetXattrOut;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Extended attributes. */
final class XattrOperations {
  private final Ext4Namespace namespace;

  XattrOperations(Ext4Namespace namespace) {
    this.namespace = namespace;
  }

  void register(Dispatcher dispatcher) {
    dispatcher.on(FuseOpcode.GETXATTR, this::get).on(FuseOpcode.LISTXATTR, this::list);
  }

  private void get(Request request) throws IOException {
    long at = request.arguments(GetXattrIn.BYTES);
    int size = GetXattrIn.sizeBytes(request.memory(), at);
    String name = new String(request.name(), UTF_8);
    byte[] value = namespace.xattr(request.inodeNr(), name);
    if (value == null) {
      request.fail(Errno.ENODATA);
    } else {
      reply(request, size, value);
    }
  }

  private void list(Request request) throws IOException {
    long at = request.arguments(GetXattrIn.BYTES);
    int size = GetXattrIn.sizeBytes(request.memory(), at);
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (String name : namespace.xattrNames(request.inodeNr())) {
      names.writeBytes(name.getBytes(UTF_8));
      names.write(0);
    }
    reply(request, size, names.toByteArray());
  }

  /** Replies with a value, or with its length where that is all that is asked for. */
  private static void reply(Request request, int size, byte[] value) {
    if (size == 0) {
      long at = request.body(GetXattrOut.BYTES);
      GetXattrOut.sizeBytes(request.memory(), at, value.length);
      request.reply(GetXattrOut.BYTES);
    } else if (value.length > size) {
      request.fail(Errno.ERANGE);
    } else {
      request.reply(value);
    }
  }
}
