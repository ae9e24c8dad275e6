package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.fuse.BatchForgetIn;
import dev.dioring.bindings.fuse.ForgetIn;
import dev.dioring.bindings.fuse.ForgetOne;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Looking up names and forgetting what was looked up. */
final class NameOperations {
  private final Ext4Namespace namespace;
  private final Attributes attributes;

  NameOperations(Ext4Namespace namespace, Attributes attributes) {
    this.namespace = namespace;
    this.attributes = attributes;
  }

  void register(Dispatcher dispatcher) {
    dispatcher
        .on(FuseOpcode.LOOKUP, this::lookup)
        .on(FuseOpcode.FORGET, this::forget)
        .on(FuseOpcode.BATCH_FORGET, this::batchForget)
        .on(FuseOpcode.READLINK, this::readLink);
  }

  private void lookup(Request request) throws IOException {
    request.arguments(0);
    InodeAttributes found = namespace.lookup(request.inodeNr(), request.name());
    if (found == null) {
      attributes.replyNoEntry(request);
    } else {
      attributes.replyEntry(request, found);
    }
  }

  private void readLink(Request request) throws IOException {
    request.reply(namespace.readLink(request.inodeNr()));
  }

  private void forget(Request request) {
    long at = request.arguments(ForgetIn.BYTES);
    long lookups = ForgetIn.lookups(request.memory(), at);
    long inodeNr = request.inodeNr();
    request.drop();
    forget(inodeNr, lookups);
  }

  private void batchForget(Request request) {
    long at = request.arguments(BatchForgetIn.BYTES);
    MemorySegment memory = request.memory();
    int count = BatchForgetIn.count(memory, at);
    long each = ForgetOne.BYTES;
    if (count < 0 || count > request.tailBytes() / each) {
      request.drop();
      throw new MalformedRequestException(count + " nodes in " + request.tailBytes() + " bytes");
    }
    long[] pairs = memory.asSlice(request.tailAt(), count * each).toArray(JAVA_LONG);
    MemorySegment copy = MemorySegment.ofArray(pairs);
    request.drop();
    for (int i = 0; i < count; i++) {
      forget(Nodes.inodeNr(ForgetOne.nodeId(copy, i * each)), ForgetOne.lookups(copy, i * each));
    }
  }

  /** Nobody hears of a failure here: it is the volume's to log and to remember. */
  private void forget(long inodeNr, long lookups) {
    try {
      namespace.forget(inodeNr, lookups);
    } catch (Ext4Exception e) {
      Session.LOG.warn("{}", e.getMessage());
    }
  }
}
