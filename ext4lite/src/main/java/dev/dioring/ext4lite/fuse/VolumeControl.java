package dev.dioring.ext4lite.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.dioring.bindings.Errno;
import dev.dioring.bindings.fuse.FileIoctl;
import dev.dioring.bindings.fuse.IoctlOut;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The ioctls on the volume as a whole: its label, and its end. Root alone changes anything. */
final class VolumeControl {
  private final Ext4Volume volume;

  VolumeControl(Ext4Volume volume) {
    this.volume = volume;
  }

  /** Serves the request, if it is one of these, of which the arguments have been read. */
  boolean serves(Request request, int command) throws IOException {
    switch (command) {
      case FileIoctl.SHUT_DOWN -> shutDown(request);
      case FileIoctl.GET_LABEL -> getLabel(request);
      case FileIoctl.SET_LABEL -> setLabel(request);
      default -> {
        return false;
      }
    }
    return true;
  }

  /**
   * Callers say whether to flush what they have written, but that stays with the kernel: so all is
   * made durable, which none of them may rely on not to be.
   */
  private void shutDown(Request request) throws IOException {
    if (isRoot(request)) {
      Session.LOG.warn("{} is shut down, as somebody has asked for", volume.name());
      volume.shutDown();
      done(request);
    }
  }

  private void getLabel(Request request) {
    byte[] label = volume.label().get();
    long at = request.body(IoctlOut.BYTES + FileIoctl.LABEL_BYTES) + IoctlOut.BYTES;
    MemorySegment.copy(label, 0, request.memory(), JAVA_BYTE, at, label.length);
    request.reply(IoctlOut.BYTES + FileIoctl.LABEL_BYTES);
  }

  private void setLabel(Request request) throws IOException {
    if (isRoot(request)) {
      byte[] field = request.bytes(FileIoctl.LABEL_BYTES);
      int length = 0;
      while (length < field.length && field[length] != 0) {
        length++;
      }
      volume.label().set(Arrays.copyOf(field, length));
      done(request);
    }
  }

  private static boolean isRoot(Request request) {
    if (request.uid() != 0) {
      request.fail(Errno.EPERM);
    }
    return request.uid() == 0;
  }

  private static void done(Request request) {
    request.body(IoctlOut.BYTES);
    request.reply(IoctlOut.BYTES);
  }
}
