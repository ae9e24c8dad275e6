package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.fuse.Fuse;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.SetAttrIn;
import dev.dioring.bindings.fuse.StatfsOut;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeUsage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;

/** What is told of files and of the volume. */
final class AttributeOperations {
  /** What is changed with no more than times, both to now, as touch does. */
  private static final int TOUCHED =
      Fuse.FATTR_ATIME | Fuse.FATTR_ATIME_NOW | Fuse.FATTR_MTIME | Fuse.FATTR_MTIME_NOW;

  private static final int ATTRIBUTES =
      TOUCHED
          | Fuse.FATTR_MODE
          | Fuse.FATTR_UID
          | Fuse.FATTR_GID
          | Fuse.FATTR_SIZE
          | Fuse.FATTR_CTIME;

  private static final int NAME_BYTES_MAX = 255;

  private final Ext4Volume volume;
  private final Ext4Namespace namespace;
  private final Attributes attributes;
  private final Privileges privileges;
  private final Dispatcher dispatcher;

  AttributeOperations(
      Ext4Volume volume, Attributes attributes, Privileges privileges, Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
    this.privileges = privileges;
    this.volume = volume;
    this.namespace = volume.namespace();
    this.attributes = attributes;
  }

  void register() {
    dispatcher
        .onLook(FuseOpcode.GETATTR, this::getAttributes)
        .onLook(FuseOpcode.STATX, this::getStatx)
        .onChange(FuseOpcode.SETATTR, this::setAttributes)
        .on(FuseOpcode.STATFS, this::statistics)
        .onThread(FuseOpcode.SYNCFS, this::syncAll);
  }

  private void getAttributes(Request request) throws IOException {
    attributes.reply(request, namespace.attributes(request.inodeNr()));
  }

  /** All that there is, whatever the mask asks for. */
  private void getStatx(Request request) throws IOException {
    attributes.replyStatx(request, namespace.attributes(request.inodeNr()));
  }

  private void setAttributes(Request request) throws IOException {
    long at = request.arguments(SetAttrIn.BYTES);
    int valid = SetAttrIn.valid(request.memory(), at);
    if ((valid & Fuse.FATTR_SIZE) != 0 && !request.mayWait()) {
      // A new size waits for the I/O that is under way.
      dispatcher.onThread(request, later -> setAttributes(later, valid));
    } else {
      setAttributes(request, valid);
    }
  }

  private void setAttributes(Request request, int valid) throws IOException {
    long at = request.arguments(SetAttrIn.BYTES);
    if ((valid & ATTRIBUTES) == TOUCHED) {
      attributes.reply(request, namespace.touch(request.inodeNr()));
      return;
    }
    AttributeChange change = change(valid, request.memory(), at);
    long inodeNr = request.inodeNr();
    if (change.equals(AttributeChange.NONE)) {
      // A chown that names neither has the effects that every chown has.
      change = change.withUid(namespace.attributes(inodeNr).uid());
    } else if (attributes.owner().isMapped()) {
      change = attributes.owner().withoutOwner(change, namespace.attributes(inodeNr));
    }
    if (change.uid() != null || change.gid() != null) {
      change = privileges.beforeNewOwner(request, change);
    }
    if ((valid & Fuse.FATTR_SIZE) != 0) {
      privileges.beforeResize(request, (valid & Fuse.FATTR_KILL_SUIDGID) != 0);
    }
    attributes.reply(request, namespace.change(inodeNr, change));
  }

  private AttributeChange change(int valid, MemorySegment memory, long at) {
    AttributeChange change = AttributeChange.NONE;
    if ((valid & Fuse.FATTR_MODE) != 0) {
      change = change.withMode(SetAttrIn.mode(memory, at));
    }
    if ((valid & Fuse.FATTR_UID) != 0) {
      change = change.withUid(Integer.toUnsignedLong(SetAttrIn.uid(memory, at)));
    }
    if ((valid & Fuse.FATTR_GID) != 0) {
      change = change.withGid(Integer.toUnsignedLong(SetAttrIn.gid(memory, at)));
    }
    if ((valid & Fuse.FATTR_SIZE) != 0) {
      change = change.withSizeBytes(SetAttrIn.sizeBytes(memory, at));
    }
    if ((valid & Fuse.FATTR_CTIME) != 0) {
      // Only with a writeback cache, where the kernel keeps the time.
      long seconds = SetAttrIn.changeSeconds(memory, at);
      change = change.withChangeTime(time(false, seconds, SetAttrIn.changeNanos(memory, at)));
    }
    return times(change, valid, memory, at);
  }

  private AttributeChange times(AttributeChange before, int valid, MemorySegment memory, long at) {
    AttributeChange change = before;
    if ((valid & Fuse.FATTR_ATIME) != 0) {
      boolean now = (valid & Fuse.FATTR_ATIME_NOW) != 0;
      long seconds = SetAttrIn.accessSeconds(memory, at);
      change = change.withAccessTime(time(now, seconds, SetAttrIn.accessNanos(memory, at)));
    }
    if ((valid & Fuse.FATTR_MTIME) != 0) {
      boolean now = (valid & Fuse.FATTR_MTIME_NOW) != 0;
      long seconds = SetAttrIn.modificationSeconds(memory, at);
      change =
          change.withModificationTime(time(now, seconds, SetAttrIn.modificationNanos(memory, at)));
    }
    return change;
  }

  /** What can be stored is less than what an Instant can be, which is less than what is asked. */
  private Instant time(boolean now, long seconds, int nanos) {
    return now
        ? namespace.now()
        : Instant.ofEpochSecond(
            Math.clamp(seconds, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()), nanos);
  }

  private void statistics(Request request) throws IOException {
    VolumeUsage usage = volume.usage();
    long at = request.body(StatfsOut.BYTES);
    MemorySegment memory = request.memory();
    StatfsOut.blocks(memory, at, usage.blocks());
    StatfsOut.freeBlocks(memory, at, usage.freeBlocks());
    StatfsOut.availableBlocks(memory, at, usage.availableBlocks());
    StatfsOut.inodes(memory, at, usage.inodes());
    StatfsOut.freeInodes(memory, at, usage.freeInodes());
    StatfsOut.blockSizeBytes(memory, at, usage.blockSizeBytes());
    StatfsOut.fragmentBytes(memory, at, usage.blockSizeBytes());
    StatfsOut.nameBytesMax(memory, at, NAME_BYTES_MAX);
    request.reply(StatfsOut.BYTES);
  }

  private void syncAll(Request request) throws IOException {
    volume.sync();
    request.replyDone();
  }
}
