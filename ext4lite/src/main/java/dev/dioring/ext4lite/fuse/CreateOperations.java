package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.fuse.CreateIn;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.LinkIn;
import dev.dioring.bindings.fuse.MkdirIn;
import dev.dioring.bindings.fuse.MknodIn;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.InodeAttributes;
import dev.dioring.ext4lite.fs.NewInode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** What makes files and names. The kernel has checked permissions and applied the umask. */
final class CreateOperations {
  private static final int LINK_PERMISSIONS = 0777;

  private final Ext4Namespace namespace;
  private final Attributes attributes;
  private final FileOperations files;

  CreateOperations(Ext4Namespace namespace, Attributes attributes, FileOperations files) {
    this.namespace = namespace;
    this.attributes = attributes;
    this.files = files;
  }

  void register(Dispatcher dispatcher) {
    dispatcher
        .on(FuseOpcode.CREATE, this::create)
        .on(FuseOpcode.TMPFILE, this::makeUnnamed)
        .on(FuseOpcode.MKNOD, this::makeNode)
        .on(FuseOpcode.MKDIR, this::makeDirectory)
        .on(FuseOpcode.SYMLINK, this::makeSymlink)
        .on(FuseOpcode.LINK, this::link);
  }

  private void create(Request request) throws IOException {
    long at = request.arguments(CreateIn.BYTES);
    MemorySegment memory = request.memory();
    int flags = CreateIn.flags(memory, at);
    NewInode file = file(request, CreateIn.mode(memory, at));
    InodeAttributes made = namespace.create(request.inodeNr(), request.name(), file);
    files.replyCreated(request, made, flags, attributes);
  }

  private void makeUnnamed(Request request) throws IOException {
    long at = request.arguments(CreateIn.BYTES);
    MemorySegment memory = request.memory();
    int flags = CreateIn.flags(memory, at);
    NewInode file = file(request, CreateIn.mode(memory, at));
    InodeAttributes made = namespace.makeUnnamed(request.inodeNr(), file);
    files.replyCreated(request, made, flags, attributes);
  }

  private void makeNode(Request request) throws IOException {
    long at = request.arguments(MknodIn.BYTES);
    MemorySegment memory = request.memory();
    int device = MknodIn.device(memory, at);
    NewInode node =
        new NewInode(
            MknodIn.mode(memory, at),
            request.uid(),
            request.gid(),
            Attributes.major(device),
            Attributes.minor(device));
    attributes.replyEntry(request, namespace.makeNode(request.inodeNr(), request.name(), node));
  }

  private void makeDirectory(Request request) throws IOException {
    long at = request.arguments(MkdirIn.BYTES);
    int mode = MkdirIn.mode(request.memory(), at);
    NewInode directory = NewInode.of(FileKind.DIRECTORY, mode, request.uid(), request.gid());
    attributes.replyEntry(
        request, namespace.makeDirectory(request.inodeNr(), request.name(), directory));
  }

  private void makeSymlink(Request request) throws IOException {
    request.arguments(0);
    byte[] name = request.name();
    byte[] target = request.name();
    NewInode link = NewInode.of(FileKind.SYMLINK, LINK_PERMISSIONS, request.uid(), request.gid());
    attributes.replyEntry(request, namespace.makeSymlink(request.inodeNr(), name, target, link));
  }

  private void link(Request request) throws IOException {
    long at = request.arguments(LinkIn.BYTES);
    long inodeNr = Nodes.inodeNr(LinkIn.nodeId(request.memory(), at));
    attributes.replyEntry(request, namespace.link(inodeNr, request.inodeNr(), request.name()));
  }

  private static NewInode file(Request request, int mode) {
    return NewInode.of(FileKind.REGULAR, mode, request.uid(), request.gid());
  }
}
