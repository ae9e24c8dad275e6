package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.Superblock;

/** Whom quotas are kept for. */
enum QuotaKind {
  USER(0xd9c0_1f11),
  GROUP(0xd9c0_1927),
  PROJECT(0xd9c0_3f14);

  private final int magic;

  QuotaKind(int magic) {
    this.magic = magic;
  }

  /** What its file starts with. */
  int magic() {
    return magic;
  }

  /** Number of its file, 0 if these quotas are not kept. */
  long inodeNr(Superblock superblock) {
    return switch (this) {
      case USER -> superblock.userQuotaInodeNr();
      case GROUP -> superblock.groupQuotaInodeNr();
      case PROJECT -> superblock.projectQuotaInodeNr();
    };
  }

  /** Who an inode is charged to. */
  long ownerId(Inode inode) {
    return switch (this) {
      case USER -> inode.uid();
      case GROUP -> inode.gid();
      case PROJECT -> inode.projectId();
    };
  }
}
