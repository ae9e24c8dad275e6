package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.fs.AttributeChange;
import dev.dioring.ext4lite.fs.Ext4Namespace;
import dev.dioring.ext4lite.fs.InodeAttributes;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a file loses when somebody changes its content or owner: the setuid and setgid bits, and its
 * capabilities. The kernel leaves that to us (HANDLE_KILLPRIV_V2), which spares it a question per
 * write; but it goes on with the mode that it has cached, when it executes the file for example,
 * until it is told.
 */
final class Privileges {
  private static final int S_ISUID = 04000;
  private static final int S_ISGID = 02000;
  private static final int S_IXGRP = 010;
  private static final String CAPABILITY = "security.capability";

  private final Ext4Namespace namespace;
  private final Owner owner;
  private final Notifier notifier;

  /** Counts the capabilities given, after which a file known to have none is looked at again. */
  private final AtomicLong epoch = new AtomicLong();

  Privileges(Ext4Namespace namespace, Owner owner, Notifier notifier) {
    this.namespace = namespace;
    this.owner = owner;
    this.notifier = notifier;
  }

  /** Some file was given an attribute. */
  void attributeSet(String name) {
    if (name.equals(CAPABILITY)) {
      epoch.incrementAndGet();
    }
  }

  /**
   * Before a write: takes the capabilities, which nobody keeps, and the bits if asked.
   *
   * @param bits whether the writer is not allowed to leave the bits as they are
   */
  void beforeWrite(OpenFile open, Request request, boolean bits) throws IOException {
    long now = epoch.get();
    if (!bits && open.isPlainSince(now)) {
      return;
    }
    drop(open.file().inodeNr(), request, bits);
    open.plainSince(now);
  }

  /**
   * Before a change of content that the kernel does not say about whether bits are to go: they do
   * unless root asks.
   */
  void beforeChange(OpenFile open, Request request) throws IOException {
    beforeWrite(open, request, request.uid() != 0);
  }

  /** As {@link #beforeWrite}, for a truncation. */
  void beforeResize(Request request, boolean bits) throws IOException {
    drop(request.inodeNr(), request, bits);
  }

  private void drop(long inodeNr, Request request, boolean bits) throws IOException {
    dropCapability(inodeNr);
    if (bits) {
      dropBits(inodeNr, request);
    }
  }

  /** Before a change of owner or group: takes the capabilities. @return the change without bits */
  AttributeChange beforeNewOwner(Request request, AttributeChange change) throws IOException {
    long inodeNr = request.inodeNr();
    InodeAttributes before = namespace.attributes(inodeNr);
    if (before.kind() == FileKind.DIRECTORY) {
      return change;
    }
    dropCapability(inodeNr);
    Integer asked = change.mode();
    int mode = asked == null ? before.mode() : asked;
    int dropped = dropped(mode, before, request);
    return dropped == 0 ? change : change.withMode(mode & ~dropped);
  }

  private void dropCapability(long inodeNr) throws IOException {
    if (namespace.xattr(inodeNr, CAPABILITY) != null) {
      namespace.removeXattr(inodeNr, CAPABILITY);
    }
  }

  /** Takes the setgid bit of a file whose access list was set by somebody outside of its group. */
  void dropSetgid(long inodeNr) throws IOException {
    int mode = namespace.attributes(inodeNr).mode();
    if ((mode & S_ISGID) != 0) {
      change(inodeNr, mode & ~S_ISGID);
    }
  }

  private void dropBits(long inodeNr, Request request) throws IOException {
    InodeAttributes inode = namespace.attributes(inodeNr);
    int mode = inode.mode();
    int dropped = dropped(mode, inode, request);
    if (dropped != 0) {
      change(inodeNr, mode & ~dropped);
    }
  }

  /** Without execution for the group, setgid means mandatory locks; its members may leave it. */
  private int dropped(int mode, InodeAttributes inode, Request request) {
    boolean stays =
        (mode & (S_ISGID | S_IXGRP)) == S_ISGID
            && (request.uid() == 0 || CallerGroups.include(request, owner.shownGid(inode.gid())));
    return mode & (stays ? S_ISUID : S_ISUID | S_ISGID);
  }

  private void change(long inodeNr, int mode) throws IOException {
    InodeAttributes unused = namespace.change(inodeNr, AttributeChange.NONE.withMode(mode));
    notifier.attributesChanged(inodeNr);
  }
}
