package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.fuse.FallocateIn;
import dev.dioring.bindings.fuse.FsyncIn;
import dev.dioring.bindings.fuse.Fuse;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.OpenIn;
import dev.dioring.bindings.fuse.OpenOut;
import dev.dioring.bindings.fuse.ReadIn;
import dev.dioring.bindings.fuse.ReleaseIn;
import dev.dioring.bindings.fuse.WriteIn;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Open files: reading, writing, preallocating, making durable. */
final class FileOperations {
  private static final int O_ACCMODE = 3;

  private final Ext4Volume volume;
  private final Ext4Namespace namespace;
  private final Handles handles = new Handles();
  private final int transferBytesMax;
  private final int alignmentBytes;

  FileOperations(Ext4Volume volume, int transferBytesMax) {
    this.volume = volume;
    this.namespace = volume.namespace();
    this.transferBytesMax = transferBytesMax;
    alignmentBytes = volume.device().geometry().offsetAlignmentBytes();
  }

  void register(Dispatcher dispatcher) {
    dispatcher
        .on(FuseOpcode.OPEN, this::open)
        .on(FuseOpcode.READ, this::read)
        .on(FuseOpcode.WRITE, this::write)
        .on(FuseOpcode.RELEASE, this::release)
        .onThread(FuseOpcode.FALLOCATE, this::fallocate)
        .onThread(FuseOpcode.FSYNC, this::sync)
        .onThread(FuseOpcode.FSYNCDIR, this::syncDirectory);
  }

  /** Closes what the kernel did not, because the connection was cut. */
  void closeAll() throws IOException {
    for (OpenFile open : handles.removeAll()) {
      open.file().close();
    }
  }

  private void open(Request request) throws IOException {
    int flags = OpenIn.flags(request.memory(), request.arguments(OpenIn.BYTES));
    boolean writable = (flags & O_ACCMODE) != LinuxFiles.O_RDONLY;
    Ext4File file = namespace.open(request.inodeNr(), writable);
    boolean direct = (flags & LinuxFiles.O_DIRECT) != 0;
    long at = request.body(OpenOut.BYTES);
    putOpened(request.memory(), at, new OpenFile(file, direct));
    request.reply(OpenOut.BYTES);
  }

  private void putOpened(MemorySegment memory, long at, OpenFile open) {
    OpenOut.handle(memory, at, handles.add(open));
    OpenOut.flags(
        memory,
        at,
        open.direct()
            ? Fuse.FOPEN_DIRECT_IO | Fuse.FOPEN_PARALLEL_DIRECT_WRITES
            : Fuse.FOPEN_KEEP_CACHE);
  }

  private void read(Request request) throws IOException {
    long at = request.arguments(ReadIn.BYTES);
    MemorySegment memory = request.memory();
    long position = ReadIn.position(memory, at);
    int size = ReadIn.sizeBytes(memory, at);
    requireTransfer(position, size);
    Ext4File file = handles.get(ReadIn.handle(memory, at)).file();
    file.submit(request.transfer().read(position, size, alignmentBytes));
  }

  private void write(Request request) throws IOException {
    long at = request.arguments(WriteIn.BYTES);
    MemorySegment memory = request.memory();
    long position = WriteIn.position(memory, at);
    int size = WriteIn.sizeBytes(memory, at);
    requireTransfer(position, size);
    OpenFile open = handles.get(WriteIn.handle(memory, at));
    if (((position | size) & (alignmentBytes - 1)) != 0) {
      request.fail(Errno.EOPNOTSUPP);
      return;
    }
    open.file().submit(request.transfer().write(position, size, 0));
  }

  private void requireTransfer(long position, int size) {
    if (size < 0 || size > transferBytesMax || position < 0) {
      throw new MalformedRequestException(size + " bytes at " + position);
    }
  }

  private void release(Request request) throws IOException {
    long at = request.arguments(ReleaseIn.BYTES);
    handles.remove(ReleaseIn.handle(request.memory(), at)).file().close();
    request.replyDone();
  }

  private void fallocate(Request request) throws IOException {
    long at = request.arguments(FallocateIn.BYTES);
    MemorySegment memory = request.memory();
    int mode = FallocateIn.mode(memory, at);
    if ((mode & ~LinuxFiles.FALLOC_KEEP_SIZE) != 0) {
      request.fail(Errno.EOPNOTSUPP);
      return;
    }
    Ext4File file = handles.get(FallocateIn.handle(memory, at)).file();
    boolean keepSize = (mode & LinuxFiles.FALLOC_KEEP_SIZE) != 0;
    file.fallocate(FallocateIn.position(memory, at), FallocateIn.lengthBytes(memory, at), keepSize);
    request.replyDone();
  }

  private void sync(Request request) throws IOException {
    long at = request.arguments(FsyncIn.BYTES);
    boolean dataOnly = (FsyncIn.flags(request.memory(), at) & Fuse.FSYNC_FDATASYNC) != 0;
    handles.get(FsyncIn.handle(request.memory(), at)).file().sync(dataOnly);
    request.replyDone();
  }

  private void syncDirectory(Request request) throws IOException {
    volume.sync();
    request.replyDone();
  }
}
