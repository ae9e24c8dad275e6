package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.BlockIoException;
import dev.dioring.engine.threads.Uninterruptibly;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A volume that is kept from other hosts by {@link MountProtection} for as long as this is open: a
 * virtual thread renews the claim. Where that came too late, as after the machine slept, it looks
 * first whether somebody else took the volume; then nothing may be written any more.
 */
final class MountClaim implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MountClaim.class);

  private final String volume;

  /** Used by the thread that renews alone, and when that has ended. */
  private final MountProtection protection;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread renewing;

  /** Guarded by the lock, as are those below. */
  private boolean closed;

  private boolean lost;
  private @Nullable Runnable whenLost;

  private MountClaim(String volume, MountProtection protection) {
    this.volume = volume;
    this.protection = protection;
    renewing = Thread.ofVirtual().name("mmp/" + volume).unstarted(this::keep);
  }

  /**
   * Claims a volume. Takes as long as {@link MountProtection#claim}.
   *
   * @throws Ext4Exception EBUSY if another host has it
   */
  static MountClaim take(String volume, MountProtection protection, MountProtection.Pause pause)
      throws IOException {
    protection.claim(pause);
    MountClaim claim = new MountClaim(volume, protection);
    claim.renewing.start();
    return claim;
  }

  /** Says what follows when another host has taken the volume: at once, if it has. */
  void whenLost(Runnable action) {
    boolean already;
    lock.lock();
    try {
      whenLost = action;
      already = lost;
    } finally {
      lock.unlock();
    }
    if (already) {
      action.run();
    }
  }

  /** Gives the volume to others, unless one has it. Parks. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    Uninterruptibly.join(renewing);
    release();
  }

  private void release() {
    if (lost) {
      return;
    }
    try {
      protection.release();
    } catch (BlockIoException e) {
      LOG.warn("{}: the next host that opens it has to wait: {}", volume, e.getMessage());
    }
  }

  private void keep() {
    long interval = TimeUnit.SECONDS.toNanos(protection.updateSeconds());
    long renewed = System.nanoTime();
    long next = renewed + interval;
    while (waitUntil(next)) {
      long now = System.nanoTime();
      if (renew(TimeUnit.NANOSECONDS.toSeconds(now - renewed))) {
        renewed = now;
      }
      next = now + interval;
    }
  }

  /** Whether it is still to be kept at that time. */
  private boolean waitUntil(long timeNanos) {
    lock.lock();
    try {
      long left = timeNanos - System.nanoTime();
      while (!closed && !lost && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !closed && !lost;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the claim was renewed, so many seconds after the last time. */
  boolean renew(long elapsedSeconds) {
    try {
      if (elapsedSeconds <= protection.checkSeconds() || protection.isHeld()) {
        protection.renew(elapsedSeconds);
        return true;
      }
      lose("it is open on " + protection.holder());
    } catch (BlockIoException e) {
      LOG.warn("{}: its claim was not renewed (mmp): {}", volume, e.getMessage());
    } catch (IOException e) {
      lose(e.getMessage());
    }
    return false;
  }

  private void lose(@Nullable String why) {
    LOG.error("{}: nothing is written any more (mmp): {}", volume, why);
    Runnable action;
    lock.lock();
    try {
      lost = true;
      action = whenLost;
    } finally {
      lock.unlock();
    }
    if (action != null) {
      action.run();
    }
  }
}
