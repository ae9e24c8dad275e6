package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.dioring.bindings.fuse.BatchForgetIn;
import dev.dioring.bindings.fuse.ForgetIn;
import dev.dioring.bindings.fuse.ForgetOne;
import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.ext4lite.fs.Ext4Exception;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import java.lang.foreign.MemorySegment;

/** The kernel drops what it looked up. Nothing is replied, so a failure is only logged. */
final class ForgetOperations {
  private final Ext4Namespace namespace;

  ForgetOperations(Ext4Namespace namespace) {
    this.namespace = namespace;
  }

  void register(Dispatcher dispatcher) {
    dispatcher.on(FuseOpcode.FORGET, this::forget).on(FuseOpcode.BATCH_FORGET, this::forgetAll);
  }

  private void forget(Request request) {
    long at = request.arguments(ForgetIn.BYTES);
    long lookups = ForgetIn.lookups(request.memory(), at);
    long inodeNr = request.inodeNr();
    request.drop();
    forget(inodeNr, lookups);
  }

  private void forgetAll(Request request) {
    long at = request.arguments(BatchForgetIn.BYTES);
    MemorySegment memory = request.memory();
    int count = BatchForgetIn.count(memory, at);
    long each = ForgetOne.BYTES;
    if (count < 0 || count > request.tailBytes() / each) {
      request.drop();
      throw new MalformedRequestException(count + " nodes to forget");
    }
    long[] nodes = memory.asSlice(request.tailAt(), count * each).toArray(JAVA_LONG);
    MemorySegment copy = MemorySegment.ofArray(nodes);
    request.drop();
    for (int i = 0; i < count; i++) {
      forget(Nodes.inodeNr(ForgetOne.nodeId(copy, i * each)), ForgetOne.lookups(copy, i * each));
    }
  }

  private void forget(long inodeNr, long lookups) {
    try {
      namespace.forget(inodeNr, lookups);
    } catch (Ext4Exception e) {
      Session.LOG.warn("{}", e.getMessage());
    }
  }
}
