package dev.dioring.ext4lite.fuse;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.fs.Ext4Exception;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Open files by the numbers the kernel knows them by. Thread-safe; looking one up locks nothing.
 */
final class Handles {
  private static final int FIRST_CAPACITY = 64;

  /** Guards changes of the table. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Elements are set under the lock before their number is told to anyone. */
  private volatile @Nullable OpenFile[] files = new @Nullable OpenFile[FIRST_CAPACITY];

  /** Numbers that are free, below {@link #used}; under the lock. */
  private final List<Integer> free = new ArrayList<>();

  private int used;

  long add(OpenFile file) {
    lock.lock();
    try {
      int number = free.isEmpty() ? used++ : free.removeLast();
      if (number == files.length) {
        files = Arrays.copyOf(files, 2 * files.length);
      }
      files[number] = file;
      return number + 1L;
    } finally {
      lock.unlock();
    }
  }

  /**
   * @throws Ext4Exception EBADF if it is not open
   */
  OpenFile get(long handle) throws Ext4Exception {
    @Nullable OpenFile[] table = files;
    OpenFile file = handle > 0 && handle <= table.length ? table[(int) handle - 1] : null;
    if (file == null) {
      throw new Ext4Exception("file handle " + handle, Errno.EBADF, "");
    }
    return file;
  }

  OpenFile remove(long handle) throws Ext4Exception {
    lock.lock();
    try {
      OpenFile file = get(handle);
      files[(int) handle - 1] = null;
      free.add((int) handle - 1);
      return file;
    } finally {
      lock.unlock();
    }
  }

  /** Takes out all that are still open. */
  List<OpenFile> removeAll() {
    lock.lock();
    try {
      List<OpenFile> open = new ArrayList<>();
      for (int i = 0; i < used; i++) {
        OpenFile file = files[i];
        if (file != null) {
          files[i] = null;
          open.add(file);
        }
      }
      return open;
    } finally {
      lock.unlock();
    }
  }
}
