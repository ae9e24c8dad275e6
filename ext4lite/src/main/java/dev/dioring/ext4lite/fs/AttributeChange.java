package dev.dioring.ext4lite.fs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What setattr changes of an inode; null leaves an attribute as it is. The change time is set by
 * every change.
 *
 * @param mode permissions with setuid, setgid and sticky bits; bits of the kind are ignored
 * @param sizeBytes new size of a regular file
 * @param changeTime set only where the caller keeps time itself
 */
public record AttributeChange(
    @Nullable Integer mode,
    @Nullable Long uid,
    @Nullable Long gid,
    @Nullable Long sizeBytes,
    @Nullable Instant accessTime,
    @Nullable Instant modificationTime,
    @Nullable Instant changeTime) {
  /** Changes nothing. */
  public static final AttributeChange NONE =
      new AttributeChange(null, null, null, null, null, null, null);

  public AttributeChange withMode(int bits) {
    return new AttributeChange(bits, uid, gid, sizeBytes, accessTime, modificationTime, changeTime);
  }

  public AttributeChange withUid(long id) {
    return new AttributeChange(mode, id, gid, sizeBytes, accessTime, modificationTime, changeTime);
  }

  public AttributeChange withGid(long id) {
    return new AttributeChange(mode, uid, id, sizeBytes, accessTime, modificationTime, changeTime);
  }

  public AttributeChange withSizeBytes(long bytes) {
    return new AttributeChange(mode, uid, gid, bytes, accessTime, modificationTime, changeTime);
  }

  public AttributeChange withAccessTime(Instant time) {
    return new AttributeChange(mode, uid, gid, sizeBytes, time, modificationTime, changeTime);
  }

  public AttributeChange withModificationTime(Instant time) {
    return new AttributeChange(mode, uid, gid, sizeBytes, accessTime, time, changeTime);
  }

  public AttributeChange withChangeTime(Instant time) {
    return new AttributeChange(mode, uid, gid, sizeBytes, accessTime, modificationTime, time);
  }
}
