package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockIo;
import dev.dioring.engine.block.CountingBlockDevice;
import dev.dioring.engine.block.ManyRingsDevice;
import dev.dioring.engine.block.UnflushedBlockDevice;
import dev.dioring.engine.dio.DeferredCompletions;
import dev.dioring.engine.dio.DirectIo;
import dev.dioring.ext4lite.buffer.MetadataCache;
import dev.dioring.ext4lite.format.BlockGroups;
import dev.dioring.ext4lite.format.CorruptStructureException;
import dev.dioring.ext4lite.format.DataBlocks;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.MetadataChecksums;
import dev.dioring.ext4lite.format.Superblock;
import dev.dioring.ext4lite.journal.Journal;
import dev.dioring.ext4lite.journal.JournalPlace;
import dev.dioring.ext4lite.journal.JournalRecovery;
import dev.dioring.ext4lite.journal.LoggedJournal;
import dev.dioring.ext4lite.journal.NoJournal;
import dev.dioring.ext4lite.journal.ReadOnlyJournal;
import dev.dioring.ext4lite.journal.Recovered;
import dev.dioring.ext4lite.journal.UnsupportedJournalException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Opens a volume: recovers it, makes its parts, and marks it as in use. If that fails, what was
 * made is closed again.
 */
final class VolumeOpening {
  private static final int DEFERRED_WORKERS = 8;

  private final String name;
  private final VolumeOptions options;
  private final Behaviour behaviour;
  private final Ext4Options rules;
  private final Resources made;
  private final Arena arena;
  private final ExternalJournal externalJournal;
  private final @Nullable MountClaim claim;
  private final Superblock superblock;
  private final ManyRingsDevice device;
  private final BlockIo io;
  private final SuperblockWriter superblockWriter;
  private final List<String> warnings;
  private final String whyNotWritable;
  private final String readOnlyReason;
  private final VolumeContext context;
  private final GroupBitmaps bitmaps;
  private final InodeTable table;
  private final VolumeErrors errors;

  /** Recovers the volume and opens its metadata. */
  private VolumeOpening(BlockDevice image, VolumeOptions options, Resources made)
      throws IOException {
    name = image.name();
    this.options = options;
    this.made = made;
    arena = made.own(Arena.ofShared());
    externalJournal = made.own(ExternalJournal.open(options));
    Superblock found = new SuperblockReader(new BlockIo(image), name).read(arena);
    boolean mayChange = mayChange(image, found, options);
    claim = mayChange && found.has(Feature.MMP) ? made.own(claim(image, found)) : null;
    Recovered recovered = recover(image, found, mayChange);
    superblock = new SuperblockReader(new BlockIo(recovered.device()), name).read(arena);
    behaviour = options.behaviour().over(superblock);
    rules = behaviour.options();
    requireFeatures();
    CountingBlockDevice counting = new CountingBlockDevice(recovered.device());
    BlockDevice flushed = rules.flushes() ? counting : new UnflushedBlockDevice(counting);
    // Metadata goes by the device's own ring: whoever waits for it may be a thread with another.
    io = new BlockIo(flushed);
    device = new ManyRingsDevice(flushed);
    superblockWriter = new SuperblockWriter(io, superblock, options, counting::writtenBytes);
    warnings = FeatureRules.warnings(superblock, recovered, rules);
    whyNotWritable =
        recovered.readOnlyReason().isEmpty()
            ? FeatureRules.whyReadOnly(superblock, rules)
            : recovered.readOnlyReason();
    readOnlyReason = whyReadOnly(image, options, whyNotWritable);
    context = openMetadata();
    bitmaps = made.own(new GroupBitmaps(context));
    table = new InodeTable(context, bitmaps);
    errors =
        new VolumeErrors(
            name,
            context,
            bitmaps.lock(),
            options.clock(),
            rules.onError(),
            isWritable(),
            () -> Runtime.getRuntime().halt(1));
    if (claim != null) {
      claim.whenLost(errors::shutDown);
    }
  }

  /**
   * Opens the volume on a device.
   *
   * @param lock the volume's from now on, unless this throws, as is the device
   */
  static VolumeParts open(BlockDevice device, @Nullable ImageLock lock, VolumeOptions options)
      throws IOException {
    Resources made = new Resources();
    try {
      return new VolumeOpening(device, options, made).finish(lock);
    } catch (CorruptStructureException e) {
      made.closeAfter(e);
      throw new Ext4Exception(
          "opening " + device.name(), Errno.EUCLEAN, e.getMessage() + "; e2fsck can repair it");
    } catch (UnsupportedJournalException e) {
      made.closeAfter(e);
      throw Failures.explain("opening " + device.name(), e);
    } catch (IOException | RuntimeException e) {
      made.closeAfter(e);
      throw e;
    }
  }

  /** Whether anything of it may be written, its journal's content at least. */
  private static boolean mayChange(BlockDevice device, Superblock found, VolumeOptions options) {
    return !options.readOnly()
        && !device.geometry().readOnly()
        && FeatureRules.whyUntouchable(found).isEmpty();
  }

  private MountClaim claim(BlockDevice device, Superblock found) throws IOException {
    MountProtection protection =
        new MountProtection(new BlockIo(device), name, found, options.clock(), arena);
    return MountClaim.take(name, protection, MountProtection.Pause.REAL);
  }

  /** Recovers from the journal, in place if everything allows it, before all else is read. */
  private Recovered recover(BlockDevice device, Superblock found, boolean inPlace)
      throws IOException {
    if (options.noLoad()) {
      return Recovered.nothing(device);
    }
    FastCommitReplay fastCommits = new FastCommitReplay(options.clock());
    JournalPlace place = externalJournal.placeFor(found);
    return JournalRecovery.recover(device, found, inPlace, place, fastCommits, arena);
  }

  private static String whyReadOnly(
      BlockDevice device, VolumeOptions options, String whyNotWritable) {
    if (options.readOnly()) {
      return "it is open read-only";
    }
    return device.geometry().readOnly() ? "its device is read-only" : whyNotWritable;
  }

  private void requireFeatures() throws Ext4Exception {
    if (rules.needsProjects() && !superblock.has(Feature.PROJECT)) {
      throw new Ext4Exception(
          "opening " + name,
          Errno.EINVAL,
          "prjquota needs the feature project: tune2fs -O project");
    }
  }

  private boolean isWritable() {
    return readOnlyReason.isEmpty();
  }

  private VolumeContext openMetadata() throws IOException {
    BlockGroups groups = BlockGroups.of(superblock);
    MetadataCache cache =
        made.own(new MetadataCache(io, groups.blockSizeBytes(), options.cacheBytes()));
    DataBlocks dataBlocks = new DataBlocks(groups);
    Journal journal = made.own(openJournal(dataBlocks));
    return new VolumeContext(
        superblock, groups, dataBlocks, MetadataChecksums.of(superblock), cache, journal);
  }

  private Journal openJournal(DataBlocks dataBlocks) throws IOException {
    if (!isWritable()) {
      return new ReadOnlyJournal(name + " is read-only: " + readOnlyReason);
    }
    int blockSizeBytes = dataBlocks.groups().blockSizeBytes();
    long commitNanos = rules.commitNanos(options.commitNanos());
    if (!superblock.has(Feature.HAS_JOURNAL)) {
      return new NoJournal(name, io, blockSizeBytes, commitNanos, this::journalFailed);
    }
    JournalPlace place = externalJournal.placeFor(superblock);
    if (place == null) {
      place = JournalPlace.internal(io, superblock);
      place.map().reserve(dataBlocks, superblock.journalInodeNr());
    } else if (!rules.flushes()) {
      place = place.through(new BlockIo(new UnflushedBlockDevice(place.io().device())));
    }
    int extraCredits = superblock.has(Feature.QUOTA) ? Quotas.CREDITS : 0;
    return new LoggedJournal(
        name,
        io,
        place,
        blockSizeBytes,
        commitNanos,
        options.clock(),
        extraCredits,
        this::journalFailed);
  }

  private void journalFailed(IOException cause) {
    Objects.requireNonNull(errors, "made before anything is changed").journalFailed(cause);
  }

  /** Makes what files and names are used by, and marks the volume as in use. */
  private VolumeParts finish(@Nullable ImageLock lock) throws IOException {
    FileServices files = makeServices();
    VolumeReader reader = new VolumeReader(name, context, table, files);
    OrphanFile orphanFile = isWritable() ? OrphanFile.find(context, table) : null;
    ChangeContext changes =
        new ChangeContext(
            reader,
            files.allocator(),
            new InodeAllocator(context, bitmaps),
            new OrphanList(context, bitmaps, orphanFile),
            new ReentrantLock(),
            options.clock(),
            files.writeback(),
            rules,
            readOnlyReason);
    reader.inodes().changes(changes);
    if (isWritable()) {
      reader.inodes().removal(new InodeRemoval(changes));
    }
    requireRoot(reader);
    if (isWritable()) {
      beginWriting(changes, orphanFile);
    }
    VolumeClosing closing =
        new VolumeClosing(
            files, changes, bitmaps, superblockWriter, claim, arena, externalJournal, lock);
    return new VolumeParts(device, files, changes, closing, whyNotWritable, warnings);
  }

  private FileServices makeServices() throws IOException {
    BlockGroups groups = context.groups();
    Quotas quotas = made.own(Quotas.open(context, table, options.clock(), isWritable(), rules));
    Discards discards = new Discards(io, groups, rules.discards());
    BlockAllocator allocator = new BlockAllocator(context, bitmaps, quotas, discards);
    DeferredCompletions deferred = made.own(new DeferredCompletions(shortName(), DEFERRED_WORKERS));
    DirectIo engine = made.own(new DirectIo(device));
    Writeback writeback =
        mayDelay()
            ? made.own(new Writeback(shortName(), allocator.space(), groups.blockSizeShift()))
            : null;
    return new FileServices(
        device,
        allocator,
        engine,
        deferred,
        options.clock(),
        errors,
        new AccessNotes(behaviour, isWritable(), options.clock()),
        new SyncRules(behaviour),
        writeback,
        readOnlyReason);
  }

  /** Content that waits has a promise of blocks, but of neither quota nor clusters. */
  private boolean mayDelay() {
    return isWritable()
        && rules.delays()
        && !superblock.has(Feature.QUOTA)
        && !superblock.has(Feature.BIGALLOC);
  }

  private static void requireRoot(VolumeReader reader) throws IOException {
    Ext4Inode root = reader.inode(Ext4Inode.ROOT_NR);
    if (!root.isDirectory()) {
      throw new CorruptStructureException(
          "inode " + Ext4Inode.ROOT_NR, "kind of the root", "DIRECTORY", root.kind().toString());
    }
  }

  private void beginWriting(ChangeContext changes, @Nullable OrphanFile orphanFile)
      throws IOException {
    boolean leftBehind = superblock.has(Feature.ORPHAN_PRESENT);
    errors.requireWritable();
    superblockWriter.opened();
    new OrphanCleanup(
            context, table, changes.blocks(), changes.inodeNumbers(), errors, options.clock())
        .run(leftBehind ? orphanFile : null);
  }

  private String shortName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
