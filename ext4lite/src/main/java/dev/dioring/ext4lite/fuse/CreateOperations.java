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

/**
 * What makes files and names. The kernel has checked permissions; the umask is ours to apply,
 * unless the directory has a default access list.
 */
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
        .onChange(FuseOpcode.CREATE, this::create)
        .onChange(FuseOpcode.TMPFILE, this::makeUnnamed)
        .onChange(FuseOpcode.MKNOD, this::makeNode)
        .onChange(FuseOpcode.MKDIR, this::makeDirectory)
        .onChange(FuseOpcode.SYMLINK, this::makeSymlink)
        .onChange(FuseOpcode.LINK, this::link);
  }

  private void create(Request request) throws IOException {
    long at = request.arguments(CreateIn.BYTES);
    MemorySegment memory = request.memory();
    int flags = CreateIn.flags(memory, at);
    NewInode file = file(request, at);
    InodeAttributes made =
        namespace.create(request.inodeNr(), request.name(), owned(request, file));
    files.replyCreated(request, made, flags, attributes);
  }

  private void makeUnnamed(Request request) throws IOException {
    long at = request.arguments(CreateIn.BYTES);
    MemorySegment memory = request.memory();
    int flags = CreateIn.flags(memory, at);
    NewInode file = file(request, at);
    InodeAttributes made = namespace.makeUnnamed(request.inodeNr(), owned(request, file));
    files.replyCreated(request, made, flags, attributes);
  }

  private void makeNode(Request request) throws IOException {
    long at = request.arguments(MknodIn.BYTES);
    MemorySegment memory = request.memory();
    int device = MknodIn.device(memory, at);
    int major = Attributes.major(device);
    int minor = Attributes.minor(device);
    NewInode node =
        new NewInode(MknodIn.mode(memory, at), request.uid(), request.gid(), major, minor)
            .withUmask(MknodIn.umask(memory, at));
    InodeAttributes made =
        namespace.makeNode(request.inodeNr(), request.name(), owned(request, node));
    attributes.replyEntry(request, made);
  }

  private void makeDirectory(Request request) throws IOException {
    long at = request.arguments(MkdirIn.BYTES);
    MemorySegment memory = request.memory();
    NewInode directory =
        NewInode.of(FileKind.DIRECTORY, MkdirIn.mode(memory, at), request.uid(), request.gid())
            .withUmask(MkdirIn.umask(memory, at));
    InodeAttributes made =
        namespace.makeDirectory(request.inodeNr(), request.name(), owned(request, directory));
    attributes.replyEntry(request, made);
  }

  private void makeSymlink(Request request) throws IOException {
    request.arguments(0);
    byte[] name = request.name();
    byte[] target = request.name();
    NewInode link = NewInode.of(FileKind.SYMLINK, LINK_PERMISSIONS, request.uid(), request.gid());
    attributes.replyEntry(
        request, namespace.makeSymlink(request.inodeNr(), name, target, owned(request, link)));
  }

  private void link(Request request) throws IOException {
    long at = request.arguments(LinkIn.BYTES);
    long inodeNr = Nodes.inodeNr(LinkIn.nodeId(request.memory(), at));
    attributes.replyEntry(request, namespace.link(inodeNr, request.inodeNr(), request.name()));
  }

  /** The same for its owner on the image, where all is shown to belong to somebody. */
  private NewInode owned(Request request, NewInode made) throws IOException {
    Owner owner = attributes.owner();
    if (!owner.isMapped()) {
      return made;
    }
    InodeAttributes directory = namespace.attributes(request.inodeNr());
    return made.withOwner(
        owner.madeUid(made.uid(), directory), owner.madeGid(made.gid(), directory));
  }

  private static NewInode file(Request request, long at) {
    MemorySegment memory = request.memory();
    int mode = CreateIn.mode(memory, at);
    return NewInode.of(FileKind.REGULAR, mode, request.uid(), request.gid())
        .withUmask(CreateIn.umask(memory, at));
  }
}
