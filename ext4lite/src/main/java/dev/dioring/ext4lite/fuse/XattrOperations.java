package dev.dioring.ext4lite.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.Fuse;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.GetXattrIn;
import dev.dioring.bindings.fuse.GetXattrOut;
import dev.dioring.bindings.fuse.SetXattrIn;
import dev.dioring.ext4lite.fs.Ext4Inode;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Extended attributes. */
final class XattrOperations {
  /** What only root is shown; the kernel keeps others from reading it, not from listing it. */
  private static final String TRUSTED = "trusted.";

  /** An attribute of the root whose value, empty, comes when all is durable. */
  static final String SYNC = "system.ext4lite.sync";

  private final Ext4Namespace namespace;
  private final Privileges privileges;
  private final MountReport report;
  private final XattrRules rules;
  private final Ext4Volume volume;

  XattrOperations(Ext4Volume volume, Privileges privileges, MountReport report, XattrRules rules) {
    this.volume = volume;
    this.rules = rules;
    this.report = report;
    this.namespace = volume.namespace();
    this.privileges = privileges;
  }

  void register(Dispatcher dispatcher) {
    dispatcher
        .onLook(FuseOpcode.GETXATTR, request -> get(request, dispatcher))
        .onLook(FuseOpcode.LISTXATTR, this::list)
        .onChange(FuseOpcode.SETXATTR, this::set)
        .onChange(FuseOpcode.REMOVEXATTR, this::remove);
  }

  private void get(Request request, Dispatcher dispatcher) throws IOException {
    long at = request.arguments(GetXattrIn.BYTES);
    int size = GetXattrIn.sizeBytes(request.memory(), at);
    String name = new String(request.name(), UTF_8);
    rules.require(name);
    boolean ofRoot = request.inodeNr() == Ext4Inode.ROOT_NR;
    if (ofRoot && request.uid() == 0 && name.equals(SYNC)) {
      dispatcher.onThread(request, this::sync);
      return;
    }
    boolean asksForReport = ofRoot && name.equals(MountReport.ATTRIBUTE);
    byte[] value = asksForReport ? report.json() : namespace.xattr(request.inodeNr(), name);
    if (value == null) {
      request.fail(Errno.ENODATA);
    } else {
      reply(request, size, value);
    }
  }

  /** What syncfs(2) would ask for, which the kernel does not hand on. */
  private void sync(Request request) throws IOException {
    volume.sync();
    request.reply(new byte[0]);
  }

  private void list(Request request) throws IOException {
    long at = request.arguments(GetXattrIn.BYTES);
    int size = GetXattrIn.sizeBytes(request.memory(), at);
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (String name : namespace.xattrNames(request.inodeNr())) {
      boolean shown = request.uid() == 0 || !name.startsWith(TRUSTED);
      if (shown && rules.has(name)) {
        names.writeBytes(name.getBytes(UTF_8));
        names.write(0);
      }
    }
    reply(request, size, names.toByteArray());
  }

  private void set(Request request) throws IOException {
    long at = request.arguments(SetXattrIn.BYTES);
    MemorySegment memory = request.memory();
    int flags = SetXattrIn.flags(memory, at);
    boolean killSetgid = (SetXattrIn.extraFlags(memory, at) & Fuse.SETXATTR_ACL_KILL_SGID) != 0;
    String name = new String(request.name(), UTF_8);
    rules.require(name);
    byte[] value = request.bytes(SetXattrIn.sizeBytes(memory, at));
    namespace.setXattr(request.inodeNr(), name, value, flags);
    if (killSetgid) {
      privileges.dropSetgid(request.inodeNr());
    }
    privileges.attributeSet(name);
    request.replyDone();
  }

  private void remove(Request request) throws IOException {
    request.arguments(0);
    String name = new String(request.name(), UTF_8);
    rules.require(name);
    namespace.removeXattr(request.inodeNr(), name);
    request.replyDone();
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
