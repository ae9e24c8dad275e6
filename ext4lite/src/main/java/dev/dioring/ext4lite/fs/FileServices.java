package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.dio.DeferredCompletions;
import dev.dioring.engine.dio.DirectIo;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What the inodes in use of one volume need beyond its metadata.
 *
 * @param writeback takes what may be written later, or null where all is written at once
 * @param readOnlyReason why nothing may be written, or empty
 */
record FileServices(
    BlockDevice device,
    BlockAllocator allocator,
    DirectIo engine,
    DeferredCompletions deferred,
    Clock clock,
    VolumeErrors errors,
    AccessNotes accesses,
    SyncRules syncs,
    @Nullable Writeback writeback,
    String readOnlyReason) {}
