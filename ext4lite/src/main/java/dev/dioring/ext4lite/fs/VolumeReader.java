package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Features;
import java.io.IOException;

/** What reading a volume's inodes and directories needs. */
final class VolumeReader {
  private final String name;
  private final VolumeContext context;
  private final InodeCache inodes;
  private final Features features;
  private final DirectoryHash hash;

  VolumeReader(String name, VolumeContext context, InodeTable table, FileServices services) {
    this.name = name;
    this.context = context;
    features = context.superblock().features();
    hash = DirectoryHash.of(context.superblock());
    inodes = new InodeCache(this, table, services);
  }

  /** The volume, for messages. */
  String name() {
    return name;
  }

  /** What follows corrupt structures. */
  VolumeErrors errors() {
    return inodes.errors();
  }

  VolumeContext context() {
    return context;
  }

  boolean has(Feature feature) {
    return features.has(feature);
  }

  Features features() {
    return features;
  }

  DirectoryHash hash() {
    return hash;
  }

  InodeCache inodes() {
    return inodes;
  }

  /** An inode as it is now. */
  Ext4Inode inode(long inodeNr) throws IOException {
    LiveInode live = inodes.acquire(inodeNr);
    try {
      return inode(live);
    } finally {
      inodes.release(live);
    }
  }

  /** As it is now, an inode that the caller refers to. */
  Ext4Inode inode(LiveInode live) {
    return new Ext4Inode(this, live.inodeNr(), inodes.copy(live));
  }
}
