package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.Features;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Recovered;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a volume's features allow, by the rules of the format: refuse, read only, or write. */
final class FeatureRules {
  /** Incompatible features whose volumes can be read. */
  private static final Set<Feature> READABLE =
      EnumSet.of(
          Feature.FILETYPE,
          Feature.RECOVER,
          Feature.META_BG,
          Feature.EXTENTS,
          Feature.BIT64,
          Feature.MMP,
          Feature.FLEX_BG,
          Feature.EA_INODE,
          Feature.CSUM_SEED,
          Feature.LARGEDIR,
          Feature.INLINE_DATA,
          Feature.ENCRYPT,
          Feature.CASEFOLD);

  /** Read-only compatible features whose volumes can be written. */
  private static final Set<Feature> WRITABLE =
      EnumSet.of(
          Feature.SPARSE_SUPER,
          Feature.LARGE_FILE,
          Feature.BTREE_DIR,
          Feature.HUGE_FILE,
          Feature.GDT_CSUM,
          Feature.DIR_NLINK,
          Feature.EXTRA_ISIZE,
          Feature.QUOTA,
          Feature.BIGALLOC,
          Feature.PROJECT,
          Feature.METADATA_CSUM,
          Feature.VERITY,
          Feature.ORPHAN_PRESENT);

  private FeatureRules() {}

  /**
   * Refuses a volume that cannot be read.
   *
   * @throws Ext4Exception EOPNOTSUPP naming the features
   */
  static void requireReadable(String name, Superblock superblock) throws Ext4Exception {
    Features features = superblock.features();
    List<String> unknown = features.namesBeyond(Feature.Kind.INCOMPAT, READABLE);
    if (!unknown.isEmpty()) {
      throw new Ext4Exception(
          "opening " + name,
          Errno.EOPNOTSUPP,
          "it has features that ext4lite does not support: " + String.join(", ", unknown));
    }
  }

  /** Why a readable volume must not even be recovered in place, or an empty string if it may. */
  static String whyUntouchable(Superblock superblock) {
    Features features = superblock.features();
    List<String> reasons = new ArrayList<>();
    List<String> unsupported = features.namesBeyond(Feature.Kind.RO_COMPAT, WRITABLE);
    if (!unsupported.isEmpty()) {
      reasons.add("writing is not supported with the features " + String.join(", ", unsupported));
    }
    if (features.has(Feature.QUOTA) && !features.has(Feature.EXTENTS)) {
      reasons.add("quota files that are mapped by blocks are not supported for writing (quota)");
    } else if (features.has(Feature.QUOTA) && features.has(Feature.EA_INODE)) {
      reasons.add("quotas of attributes in inodes are not supported for writing (quota, ea_inode)");
    }
    if (features.has(Feature.BIGALLOC) && !features.has(Feature.EXTENTS)) {
      reasons.add("clusters of files that are mapped by blocks are not supported (bigalloc)");
    }
    return String.join("; ", reasons);
  }

  /** Why a readable volume must not be written, or an empty string if it may be. */
  static String whyReadOnly(Superblock superblock, Ext4Options rules) {
    List<String> reasons = new ArrayList<>();
    String untouchable = whyUntouchable(superblock);
    if (!untouchable.isEmpty()) {
      reasons.add(untouchable);
    }
    if (superblock.has(Feature.RECOVER)) {
      reasons.add("its journal was not replayed (needs_recovery)");
    } else if (superblock.has(Feature.HAS_JOURNAL) && rules.logsData()) {
      reasons.add(
          "its default mount option data=journal is not supported for writing (-o data=ordered"
              + " overrides it)");
    }
    boolean orphans = superblock.lastOrphanInodeNr() != 0 || superblock.has(Feature.ORPHAN_PRESENT);
    if (orphans && superblock.has(Feature.EA_INODE)) {
      reasons.add("it has orphaned inodes from a crash, and attributes in inodes: run e2fsck");
    } else if (orphans && (superblock.state() & Superblock.STATE_ERROR) != 0) {
      reasons.add("it has orphaned inodes from a crash, and errors: run e2fsck");
    }
    return String.join("; ", reasons);
  }

  /** What a user should know about a volume that is open. */
  static List<String> warnings(Superblock superblock, Recovered recovered, Ext4Options rules) {
    Features features = superblock.features();
    List<String> warnings = new ArrayList<>();
    if (recovered.inMemory()) {
      warnings.add("its journal was replayed in memory only: " + recovered.blocks() + " blocks");
    } else if (features.has(Feature.RECOVER)) {
      warnings.add("its journal was not replayed: what is read may be old or inconsistent");
    }
    if (!recovered.readOnlyReason().isEmpty()) {
      warnings.add(recovered.readOnlyReason());
    }
    if ((superblock.state() & Superblock.STATE_ERROR) != 0) {
      warnings.add("it has recorded errors: run e2fsck");
    } else if ((superblock.state() & Superblock.STATE_VALID) == 0) {
      warnings.add("it was not unmounted cleanly: run e2fsck");
    }
    String notApplied = Ext4Options.whyNotApplied(superblock);
    if (!notApplied.isEmpty()) {
      warnings.add(notApplied);
    }
    if (rules.wantsChecksums() && !features.has(Feature.METADATA_CSUM)) {
      warnings.add("journal_checksum has no effect: its log has checksums with metadata_csum only");
    }
    if (features.has(Feature.CASEFOLD)) {
      warnings.add("only ASCII names can be added where case is ignored (casefold)");
    }
    if (features.has(Feature.ENCRYPT)) {
      warnings.add("encrypted files and names are not decrypted (encrypt)");
    }
    return warnings;
  }
}
