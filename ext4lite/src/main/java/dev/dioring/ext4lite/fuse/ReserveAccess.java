package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.fs.ReserveOwner;

/**
 * Whose requests may have the blocks that are reserved. Only the caller's first group is told with
 * a request; the others are looked up where a group may have them.
 */
final class ReserveAccess {
  private final ReserveOwner owner;

  ReserveAccess(ReserveOwner owner) {
    this.owner = owner;
  }

  boolean permits(Request request) {
    long uid = request.uid();
    return uid == 0
        || uid == owner.uid()
        || (owner.gid() != 0 && CallerGroups.include(request, owner.gid()));
  }
}
