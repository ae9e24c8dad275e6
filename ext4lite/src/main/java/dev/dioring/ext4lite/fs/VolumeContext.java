package dev.dioring.ext4lite.fs;

import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Journal;

/**
 * What the parts of a mounted volume share.
 *
 * @param superblock the volume's superblock in memory, guarded by the allocator's lock
 * @param dataBlocks complete once the group descriptors are read
 */
record VolumeContext(
    Superblock superblock,
    BlockGroups groups,
    DataBlocks dataBlocks,
    MetadataChecksums checksums,
    MetadataCache cache,
    Journal journal) {}
