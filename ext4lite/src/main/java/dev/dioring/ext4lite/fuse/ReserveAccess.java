package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.fs.ReserveOwner;

/**
 * Whose requests may have the blocks that are reserved. Only the caller's first group is told with
 * a request; the others are looked up where a group may have them. Nobody is told with what the
 * kernel writes from its cache, as if it were root: the pid is 0, as of programs that cannot be
 * seen from here, and neither gets any.
 */
final class ReserveAccess {
  private final ReserveOwner owner;

  ReserveAccess(ReserveOwner owner) {
    this.owner = owner;
  }

  boolean permits(Request request) {
    long uid = request.uid();
    return request.pid() != 0
        && (uid == 0
            || uid == owner.uid()
            || (owner.gid() != 0 && CallerGroups.include(request, owner.gid())));
  }
}
