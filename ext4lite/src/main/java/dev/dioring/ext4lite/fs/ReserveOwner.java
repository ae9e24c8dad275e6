package dev.dioring.ext4lite.fs;

/**
 * Who may have the blocks that are reserved, besides root: resuid= and resgid=, or what tune2fs -u
 * and -g stored.
 *
 * @param uid a user
 * @param gid a group; 0 for none
 */
public record ReserveOwner(long uid, long gid) {}
