package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.StatfsOut;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeUsage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** What is told of files and of the volume. */
final class AttributeOperations {
  private static final int NAME_BYTES_MAX = 255;

  private final Ext4Volume volume;
  private final Ext4Namespace namespace;
  private final Attributes attributes;

  AttributeOperations(Ext4Volume volume, Attributes attributes) {
    this.volume = volume;
    this.namespace = volume.namespace();
    this.attributes = attributes;
  }

  void register(Dispatcher dispatcher) {
    dispatcher
        .on(FuseOpcode.GETATTR, this::getAttributes)
        .on(FuseOpcode.STATFS, this::statistics)
        .onThread(FuseOpcode.SYNCFS, this::syncAll);
  }

  private void getAttributes(Request request) throws IOException {
    attributes.reply(request, namespace.attributes(request.inodeNr()));
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
