package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.fuse.EntryOut;
import dev.dioring.bindings.fuse.FallocateIn;
import dev.dioring.bindings.fuse.FsyncIn;
import dev.dioring.bindings.fuse.Fuse;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.LseekIn;
import dev.dioring.bindings.fuse.LseekOut;
import dev.dioring.bindings.fuse.OpenIn;
import dev.dioring.bindings.fuse.OpenOut;
import dev.dioring.bindings.fuse.ReleaseIn;
import dev.dioring.ext4lite.fs.AccessTimes;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Open files: opening and closing, preallocating, making durable. */
final class FileOperations {
  private static final int O_ACCMODE = 3;
  private static final int PUNCH_HOLE = 0x02;
  private static final int COLLAPSE_RANGE = 0x08;
  private static final int ZERO_RANGE = 0x10;
  private static final int INSERT_RANGE = 0x20;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private final Ext4Volume volume;
  private final Ext4Namespace namespace;
  private final Privileges privileges;
  private final Dispatcher dispatcher;
  private final Handles handles = new Handles();

  /** The flag of an open file that keeps its pages. Reads of these are not seen here. */
  private final int keptCache;

  FileOperations(
      Ext4Volume volume, Privileges privileges, Dispatcher dispatcher, MountOptions options) {
    this.dispatcher = dispatcher;
    this.privileges = privileges;
    this.volume = volume;
    this.namespace = volume.namespace();
    boolean notesAllReads = options.behaviour().accessTimes() == AccessTimes.ALWAYS;
    keptCache = notesAllReads ? 0 : Fuse.FOPEN_KEEP_CACHE;
  }

  void register() {
    dispatcher
        .onChange(FuseOpcode.OPEN, this::open)
        .onChange(FuseOpcode.RELEASE, this::release)
        .onLook(FuseOpcode.LSEEK, this::seek)
        .onThread(FuseOpcode.FALLOCATE, this::fallocate)
        .onThread(FuseOpcode.FSYNC, this::sync)
        .onThread(FuseOpcode.FSYNCDIR, this::syncDirectory);
  }

  /** An open file by its handle. @throws Ext4Exception EBADF */
  OpenFile opened(long handle) throws Ext4Exception {
    return handles.get(handle);
  }

  /** Closes what the kernel did not, because the connection was cut. */
  void closeAll() throws IOException {
    for (OpenFile open : handles.removeAll()) {
      open.file().close();
    }
  }

  private void open(Request request) throws IOException {
    long at = request.arguments(OpenIn.BYTES);
    int flags = OpenIn.flags(request.memory(), at);
    int openFlags = OpenIn.openFlags(request.memory(), at);
    if ((flags & LinuxFiles.O_TRUNC) == 0) {
      replyOpened(request, open(request.inodeNr(), flags));
    } else if (request.mayWait()) {
      openTruncated(request, flags, openFlags);
    } else {
      // A new size waits for the I/O that is under way.
      dispatcher.onThread(request, later -> openTruncated(later, flags, openFlags));
    }
  }

  private void openTruncated(Request request, int flags, int openFlags) throws IOException {
    OpenFile open = open(request.inodeNr(), flags);
    truncate(request, open, (openFlags & Fuse.OPEN_KILL_SUIDGID) != 0);
    replyOpened(request, open);
  }

  private void replyOpened(Request request, OpenFile open) {
    putOpened(request.memory(), request.body(OpenOut.BYTES), open);
    request.reply(OpenOut.BYTES);
  }

  private OpenFile open(long inodeNr, int flags) throws Ext4Exception {
    boolean writable = (flags & O_ACCMODE) != LinuxFiles.O_RDONLY;
    int ends = flags & (LinuxFiles.O_APPEND | LinuxFiles.O_TRUNC);
    Ext4File file =
        writable && ends == LinuxFiles.O_APPEND
            ? namespace.openToAppend(inodeNr)
            : namespace.open(inodeNr, writable);
    return new OpenFile(file, (flags & LinuxFiles.O_DIRECT) != 0);
  }

  private void truncate(Request request, OpenFile open, boolean bits) throws IOException {
    try {
      privileges.beforeResize(request, bits);
      // The time changes even where the size does not.
      InodeAttributes unused =
          namespace.change(
              request.inodeNr(),
              AttributeChange.NONE.withSizeBytes(0).withModificationTime(namespace.now()));
    } catch (Ext4Exception e) {
      open.file().close();
      throw e;
    }
  }

  /** Opens a file that was just made and replies with both. */
  void replyCreated(Request request, InodeAttributes made, int flags, Attributes attributes)
      throws IOException {
    OpenFile open;
    try {
      open = open(made.inodeNr(), flags);
    } catch (Ext4Exception e) {
      namespace.forget(made.inodeNr(), 1);
      throw e;
    }
    long at = request.body(EntryOut.BYTES + OpenOut.BYTES);
    attributes.putEntry(request.memory(), at, made);
    putOpened(request.memory(), at + EntryOut.BYTES, open);
    request.reply(EntryOut.BYTES + OpenOut.BYTES);
  }

  private void putOpened(MemorySegment memory, long at, OpenFile open) {
    int flags =
        open.direct() ? Fuse.FOPEN_DIRECT_IO | Fuse.FOPEN_PARALLEL_DIRECT_WRITES : keptCache;
    OpenOut.handle(memory, at, handles.add(open));
    OpenOut.flags(memory, at, flags | Fuse.FOPEN_NOFLUSH);
  }

  private void release(Request request) throws IOException {
    long at = request.arguments(ReleaseIn.BYTES);
    handles.remove(ReleaseIn.handle(request.memory(), at)).file().close();
    request.replyDone();
  }

  private void seek(Request request) throws IOException {
    long at = request.arguments(LseekIn.BYTES);
    MemorySegment memory = request.memory();
    int whence = LseekIn.whence(memory, at);
    if (whence != SEEK_DATA && whence != SEEK_HOLE) {
      request.fail(Errno.EINVAL);
      return;
    }
    long position = LseekIn.position(memory, at);
    if (volume.hasDelayedWrites() && !request.mayWait()) {
      dispatcher.onThread(request, later -> seek(later, position, whence));
    } else {
      seek(request, position, whence);
    }
  }

  private void seek(Request request, long position, int whence) throws IOException {
    MemorySegment memory = request.memory();
    long found = namespace.ranges().seek(request.inodeNr(), position, whence == SEEK_DATA);
    long body = request.body(LseekOut.BYTES);
    LseekOut.position(memory, body, found);
    request.reply(LseekOut.BYTES);
  }

  private void fallocate(Request request) throws IOException {
    long at = request.arguments(FallocateIn.BYTES);
    MemorySegment memory = request.memory();
    int mode = FallocateIn.mode(memory, at);
    long position = FallocateIn.position(memory, at);
    long length = FallocateIn.lengthBytes(memory, at);
    boolean keepSize = (mode & LinuxFiles.FALLOC_KEEP_SIZE) != 0;
    long inodeNr = request.inodeNr();
    OpenFile open = handles.get(FallocateIn.handle(memory, at));
    Ext4File file = open.file();
    if (file.isImmutable()) {
      throw new Ext4Exception("fallocate", Errno.EPERM, "it is immutable");
    }
    privileges.beforeChange(open, request);
    switch (mode & ~LinuxFiles.FALLOC_KEEP_SIZE) {
      case 0 -> file.fallocate(position, length, keepSize);
      case PUNCH_HOLE -> namespace.ranges().punch(inodeNr, position, length);
      case ZERO_RANGE -> namespace.ranges().zero(inodeNr, position, length, keepSize);
      case COLLAPSE_RANGE -> namespace.ranges().collapse(inodeNr, position, length);
      case INSERT_RANGE -> namespace.ranges().insert(inodeNr, position, length);
      default -> throw new Ext4Exception("fallocate mode " + mode, Errno.EOPNOTSUPP, "");
    }
    request.replyDone();
  }

  private void sync(Request request) throws IOException {
    long at = request.arguments(FsyncIn.BYTES);
    boolean dataOnly = (FsyncIn.flags(request.memory(), at) & Fuse.FSYNC_FDATASYNC) != 0;
    handles.get(FsyncIn.handle(request.memory(), at)).file().sync(dataOnly);
    request.replyDone();
  }

  private void syncDirectory(Request request) throws IOException {
    volume.syncNames();
    request.replyDone();
  }
}
