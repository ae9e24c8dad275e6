package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.LinuxFiles;
import dev.dioring.bindings.fuse.Fuse;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.ReadIn;
import dev.dioring.bindings.fuse.WriteIn;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.ext4lite.fs.Ext4File;
import dev.dioring.ext4lite.fs.ReservedBlocks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The content of open files: READ and WRITE. */
final class TransferOperations {
  private final FileOperations files;
  private final Privileges privileges;
  private final Dispatcher dispatcher;
  private final StalePages stalePages;
  private final int alignmentBytes;
  private final FileTransfer.Refusal refusal = this::refused;

  /** Flags of a write from the kernel's cache: with a writeback cache the kernel sets the times. */
  private final int cachedWriteFlags;

  /**
   * Serves what is open.
   *
   * @param alignmentBytes what the device's offsets must be multiples of
   */
  TransferOperations(
      FileOperations files,
      Privileges privileges,
      Dispatcher dispatcher,
      StalePages stalePages,
      int alignmentBytes,
      MountOptions options) {
    this.files = files;
    this.privileges = privileges;
    this.dispatcher = dispatcher;
    this.stalePages = stalePages;
    this.alignmentBytes = alignmentBytes;
    cachedWriteFlags = options.writebackCache() ? Kiocb.KEEP_TIMES : 0;
  }

  void register() {
    dispatcher.on(FuseOpcode.READ, this::read).on(FuseOpcode.WRITE, this::write);
  }

  private void read(Request request) throws IOException {
    long at = request.arguments(ReadIn.BYTES);
    MemorySegment memory = request.memory();
    long position = ReadIn.position(memory, at);
    int size = ReadIn.sizeBytes(memory, at);
    requireTransfer(position, size);
    OpenFile open = files.opened(ReadIn.handle(memory, at));
    if (!open.direct()) {
      stalePages.willBeRead(request.inodeNr());
    }
    int flags = request.mayWait() ? 0 : Kiocb.NOWAIT;
    if ((ReadIn.fileFlags(memory, at) & LinuxFiles.O_NOATIME) != 0) {
      flags |= Kiocb.KEEP_TIMES;
    }
    request.transfer().read(position, size, alignmentBytes, flags).submit(open.file(), refusal);
  }

  private void write(Request request) throws IOException {
    long at = request.arguments(WriteIn.BYTES);
    MemorySegment memory = request.memory();
    long position = WriteIn.position(memory, at);
    int size = WriteIn.sizeBytes(memory, at);
    requireTransfer(position, size);
    OpenFile open = files.opened(WriteIn.handle(memory, at));
    int writeFlags = WriteIn.writeFlags(memory, at);
    boolean cached = (writeFlags & Fuse.WRITE_CACHE) != 0;
    if (!cached && open.file().isImmutable()) {
      request.fail(Errno.EPERM);
      return;
    }
    request.transfer().comes(position, open.direct() && !cached ? stalePages : null);
    open.file().mayUseReserved(ReservedBlocks.arePermitted());
    int flags = durability(open, WriteIn.fileFlags(memory, at)) | (cached ? cachedWriteFlags : 0);
    privileges.beforeWrite(open, request, (writeFlags & Fuse.WRITE_KILL_SUIDGID) != 0);
    if (!open.direct() && flags == 0 && writeLater(request, open, position, size)) {
      return;
    }
    writeNow(request, open, position, size, flags);
  }

  /** Takes it for later, or leaves it to a thread that makes room first. @return whether so */
  private boolean writeLater(Request request, OpenFile open, long position, int size)
      throws IOException {
    MemorySegment data = request.memory().asSlice(request.payloadAt(), size);
    int taken = open.file().writeLater(position, data);
    if (taken >= 0) {
      request.transfer().replyWritten(taken);
      return true;
    }
    if (!open.file().hasDelayedWrites()) {
      return false;
    }
    Dispatcher.Operation inTurn =
        later -> {
          int written = open.file().writeLaterInTurn(position, data);
          if (written >= 0) {
            later.transfer().replyWritten(written);
          } else {
            writeNow(later, open, position, size, 0);
          }
        };
    if (request.mayWait()) {
      inTurn.serve(request);
    } else {
      dispatcher.onThread(request, inTurn);
    }
    return true;
  }

  private void writeNow(Request request, OpenFile open, long position, int size, int flags)
      throws IOException {
    if (((position | size) & (alignmentBytes - 1)) == 0) {
      write(request, open.file(), position, size, flags);
    } else if (request.mayWait()) {
      writeUnaligned(request, open.file(), position, size, flags);
    } else {
      dispatcher.onThread(
          request, later -> writeUnaligned(later, open.file(), position, size, flags));
    }
  }

  private void write(Request request, Ext4File file, long position, int size, int flags) {
    int waits = request.mayWait() ? 0 : Kiocb.NOWAIT;
    request.transfer().write(position, size, flags | waits).submit(file, refusal);
  }

  private void refused(Request request, Ext4File file, int errno) {
    FileTransfer transfer = request.transfer();
    if (errno == Errno.EAGAIN) {
      dispatcher.onThread(request, later -> transfer.submitAgain(file, refusal));
    } else if (!dispatcher.withRoom(request, later -> transfer.submitAgain(file, null))) {
      request.fail(errno);
    }
  }

  /** What a write must make durable before it ends: the kernel sees to that in its cache. */
  private static int durability(OpenFile open, int fileFlags) {
    if (open.file().isSynchronous()) {
      return Kiocb.SYNC;
    }
    if (!open.direct()) {
      return 0;
    }
    if ((fileFlags & LinuxFiles.O_SYNC) == LinuxFiles.O_SYNC) {
      return Kiocb.SYNC;
    }
    return (fileFlags & LinuxFiles.O_DSYNC) != 0 ? Kiocb.DSYNC : 0;
  }

  /** Moves the data to where it belongs in its blocks, and has what surrounds it read there. */
  private void writeUnaligned(Request request, Ext4File file, long position, int size, int flags)
      throws IOException {
    MemorySegment memory = request.memory();
    int skew = (int) (position & (alignmentBytes - 1));
    long payload = request.payloadAt();
    MemorySegment.copy(memory, payload, memory, payload + skew, size);
    MemorySegment window = memory.asSlice(payload, request.payloadBytes());
    long written = writeBytes(file, position, size, window, flags);
    Dispatcher.Operation again =
        later -> later.transfer().replyWritten(writeBytes(file, position, size, window, flags));
    if (written != -Errno.ENOSPC || !dispatcher.withRoom(request, again)) {
      request.transfer().replyWritten(written);
    }
  }

  private static long writeBytes(
      Ext4File file, long position, int size, MemorySegment window, int flags) {
    try {
      return file.writeBytes(position, size, window, flags);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -Errno.EINTR;
    }
  }

  private void requireTransfer(long position, int size) {
    if (size < 0 || size > Negotiation.TRANSFER_BYTES_MAX || position < 0) {
      throw new MalformedRequestException(size + " bytes at " + position);
    }
  }
}
