package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Mounts;
import dev.dioring.engine.block.Region;
import dev.dioring.ext4lite.fs.AccessTimes;
import dev.dioring.ext4lite.fs.Behaviour;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What follows -o: options of the volume, of the mount, and of both.
 *
 * @param readOnly ro
 * @param noLoad noload: the image as it is, its journal not replayed
 * @param journal journal_path=: the device of the journal, or null if that is in the image
 * @param region offset= or partition=: which part of the image is mounted
 * @param behaviour what the volume does by itself
 * @param flags what the kernel is asked
 * @param allowOther allow_other: users other than the one who mounts
 * @param owner uid= and gid=
 * @param ring whether FUSE over io_uring is used where the kernel has it
 * @param writebackCache whether the kernel gathers writes in its cache, and keeps size and times
 * @param stats where the counters go in the end: a file, an empty string for standard error, or
 *     null for nowhere
 */
record MountOptions(
    boolean readOnly,
    boolean noLoad,
    @Nullable Path journal,
    Region region,
    Behaviour behaviour,
    Set<KernelFlag> flags,
    boolean allowOther,
    Owner owner,
    boolean ring,
    boolean writebackCache,
    @Nullable String stats) {

  /**
   * Parses options.
   *
   * @param option lists of options, separated by commas
   * @param root whether the user may let everybody in
   * @throws IllegalArgumentException names an option that is not known or its value, for users
   */
  static MountOptions parse(List<String> option, boolean root) {
    MountOptionParser parser = new MountOptionParser(root);
    split(option).forEach(parser::take);
    return parser.result();
  }

  /** The single options of lists of them. */
  static List<String> split(List<String> lists) {
    List<String> all = new ArrayList<>();
    for (String list : lists) {
      for (String one : list.split(",", -1)) {
        if (!one.isBlank()) {
          all.add(one.strip());
        }
      }
    }
    return all;
  }

  /** The same but for what the kernel alone sees to. */
  MountOptions withoutKernelFlags() {
    return with(false, Set.of());
  }

  MountOptions asReadOnly() {
    return with(true, flags);
  }

  private MountOptions with(boolean nothingWritten, Set<KernelFlag> newFlags) {
    return new MountOptions(
        nothingWritten,
        noLoad,
        journal,
        region,
        behaviour,
        newFlags,
        allowOther,
        owner,
        ring,
        writebackCache,
        stats);
  }

  /** MS_* for mount(2). */
  long mountFlags() {
    long bits = readOnly ? Mounts.MS_RDONLY : 0;
    for (KernelFlag flag : flags) {
      bits |= flag.bit;
    }
    return bits;
  }

  /** The same for fusermount3. */
  List<String> flagNames() {
    List<String> names = new ArrayList<>();
    names.add(readOnly ? "ro" : "rw");
    for (KernelFlag flag : flags) {
      names.add(flag.option());
    }
    return names;
  }

  /** When reads are noted. FUSE leaves that to its servers. */
  static AccessTimes accessTimes(Set<KernelFlag> flags) {
    if (flags.contains(KernelFlag.NOATIME)) {
      return AccessTimes.NEVER;
    }
    return flags.contains(KernelFlag.STRICTATIME) ? AccessTimes.ALWAYS : AccessTimes.RELATIVE;
  }
}
