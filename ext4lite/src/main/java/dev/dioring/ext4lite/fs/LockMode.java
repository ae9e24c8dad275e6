package dev.dioring.ext4lite.fs;

/** How a write in flight holds its inode's lock; travels with the request. */
enum LockMode {
  SHARED {
    @Override
    void release(InodeLock lock) {
      lock.releaseShared();
    }
  },
  EXCLUSIVE {
    @Override
    void release(InodeLock lock) {
      lock.releaseExclusive();
    }
  };

  abstract void release(InodeLock lock);
}
