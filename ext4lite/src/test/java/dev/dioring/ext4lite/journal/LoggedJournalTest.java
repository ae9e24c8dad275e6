package dev.dioring.ext4lite.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import dev.dioring.engine.block.BlockOp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The running journal by itself: handles, shared commits, a full log, revoked blocks, failures. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LoggedJournalTest {
  private static final long SEED = 20261125;
  private static final int CALLERS = 32;

  @TempDir Path directory;

  /** Else whoever finds no space would not wait for what the commit frees. */
  @Test
  void itIsNotCleanBeforeACommitHasEnded() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, 1)) {
      AtomicBoolean clean = new AtomicBoolean(true);
      try (Handle handle = f.journal.start(1)) {
        f.change(handle, 0, 1);
        handle.atCommit(
            () -> {
              startNext(f);
              clean.set(f.journal.isClean());
            });
      }
      f.journal.commit();
      assertFalse(clean.get());
      assertTrue(f.journal.isClean());
    }
  }

  private static void startNext(JournalFixture f) {
    try {
      f.journal.start(1).close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void allWhoWaitShareOneCommit() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, CALLERS + 1);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      f.device.holdWhere(request -> request.op() == BlockOp.FLUSH);
      long first = f.changeOne(CALLERS, 1);
      Future<?> firstSync = threads.submit(sync(f, first));
      // The first write of the log marks it as used, and flushes; let that pass.
      f.device.awaitHeld(1);
      f.device.release(false);
      f.device.awaitHeld(1);
      CountDownLatch changed = new CountDownLatch(CALLERS);
      List<Future<?>> syncs = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int index = i;
        syncs.add(
            threads.submit(
                () -> {
                  long transaction = f.changeOne(index, 7);
                  assertFalse(f.journal.isDurable(transaction));
                  changed.countDown();
                  f.journal.commit(transaction);
                  assertTrue(f.journal.isDurable(transaction));
                  return null;
                }));
      }
      changed.await();
      assertFalse(f.journal.isDurable(first), "durable before its flush has ended");
      f.device.holdWhere(null);
      f.device.release(false);
      firstSync.get();
      for (Future<?> sync : syncs) {
        sync.get();
      }
      assertEquals(2, f.journal.commits());
      f.journal.close();
      assertEquals(7, f.valueInPlace(0));
    }
  }

  @Test
  void whatIsDurableTakesSharedFlushesAndNoCommit() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, 1);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long transaction = f.changeOne(0, 1);
      f.journal.commit(transaction);
      AtomicInteger flushes = new AtomicInteger();
      f.device.holdWhere(
          request -> request.op() == BlockOp.FLUSH && flushes.incrementAndGet() == 1);
      List<Future<?>> syncs = new ArrayList<>();
      syncs.add(threads.submit(sync(f, transaction)));
      f.device.awaitHeld(1);
      CountDownLatch begun = new CountDownLatch(CALLERS);
      for (int i = 0; i < CALLERS; i++) {
        syncs.add(
            threads.submit(
                () -> {
                  begun.countDown();
                  f.journal.commit(transaction);
                  return null;
                }));
      }
      begun.await();
      f.device.release(false);
      for (Future<?> sync : syncs) {
        sync.get();
      }
      assertEquals(1, f.journal.commits());
      // Callers may come late, but those that met the held flush share the one after it.
      assertTrue(flushes.get() < CALLERS, () -> flushes.get() + " flushes");
      f.journal.close();
    }
  }

  @Test
  void aFullLogBlocksAndLosesNothing() throws Exception {
    int threadsCount = 8;
    int blocksPerThread = 40;
    int rounds = 120;
    try (JournalFixture f = new JournalFixture(directory, threadsCount * blocksPerThread);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < threadsCount; t++) {
        int first = t * blocksPerThread;
        Random random = new Random(SEED + t);
        all.add(
            threads.submit(
                () -> {
                  for (int round = 1; round <= rounds; round++) {
                    try (Handle handle = f.journal.start(blocksPerThread)) {
                      for (int i = 0; i < blocksPerThread; i++) {
                        f.change(handle, first + i, round);
                      }
                    }
                    if (random.nextInt(10) == 0) {
                      f.journal.commit();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
      f.journal.close();
      assertTrue(f.journal.commits() > 4, "the log went round");
      assertEquals(0, f.header().startBlock(), "the log is empty");
      for (int i = 0; i < threadsCount * blocksPerThread; i++) {
        assertEquals(rounds, f.valueInPlace(i), "block " + i + ", seed " + SEED);
      }
    }
  }

  @Test
  void changesThatCouldNeverFitAreRefused() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, 1)) {
      assertThrows(LargeChangeException.class, () -> f.journal.start(1000));
      try (Handle handle = f.journal.start(1)) {
        assertTrue(handle.extend(100));
        assertFalse(handle.extend(1000));
        f.change(handle, 0, 1);
      }
      f.journal.close();
      assertThrows(ReadOnlyVolumeException.class, () -> f.journal.start(1));
    }
  }

  @Test
  void whatWasCommittedIsRecovered() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, 100)) {
      for (int round = 1; round <= 3; round++) {
        try (Handle handle = f.journal.start(100)) {
          for (int i = 0; i < 100; i += round) {
            f.change(handle, i, round);
          }
        }
        f.journal.commit();
      }
      assertEquals(-1, f.valueInPlace(0), "nothing is in its place yet");
      Recovered recovered = f.recover();
      assertEquals(3, recovered.transactions());
      for (int i = 0; i < 100; i++) {
        assertEquals(i % 3 == 0 ? 3 : i % 2 == 0 ? 2 : 1, f.valueInPlace(i), "block " + i);
      }
      f.journal.close();
    }
  }

  @Test
  void copiesOfRevokedBlocksAreNeitherReplayedNorWritten() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, 2)) {
      f.changeOne(0, 1);
      f.changeOne(1, 1);
      f.journal.commit();
      try (Handle handle = f.journal.start(1)) {
        f.change(handle, 0, 2);
        handle.revoke(f.blockNr(0));
      }
      f.journal.commit();
      f.writeInPlace(0, 99);
      f.recover();
      assertEquals(99, f.valueInPlace(0), "after recovery");
      assertEquals(1, f.valueInPlace(1), "after recovery");
      f.journal.close();
      assertEquals(99, f.valueInPlace(0), "after the checkpoint");
    }
  }

  @Test
  void actionsRunOnceTheirChangeIsDurable() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, 1)) {
      AtomicInteger durable = new AtomicInteger();
      try (Handle handle = f.journal.start(1)) {
        f.change(handle, 0, 1);
        long transaction = handle.transaction();
        handle.afterCommit(() -> durable.addAndGet(f.journal.isDurable(transaction) ? 1 : 100));
      }
      assertEquals(0, durable.get());
      f.journal.settle();
      assertEquals(1, durable.get());
      f.journal.close();
    }
  }

  @Test
  void anErrorInTheLogAbortsIt() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, 2)) {
      f.changeOne(0, 1);
      f.journal.commit();
      long headerOffset = f.map.blockNr(0) * JournalFixture.BLOCK_BYTES;
      f.device.failWhere(
          request ->
              request.op() == BlockOp.WRITE
                  && f.isInLog(request)
                  && request.byteOffset() != headerOffset,
          Errno.EIO);
      f.changeOne(1, 1);
      IOException failure = assertThrows(IOException.class, f.journal::commit);
      assertTrue(String.valueOf(failure.getMessage()).contains("read-only"), failure::getMessage);
      assertThrows(ReadOnlyVolumeException.class, () -> f.journal.start(1));
      assertEquals(Errno.EROFS, f.journal.abortErrno());
      assertThrows(IOException.class, f.journal::close);
      assertEquals(1, f.failures.size());
      assertEquals(-Errno.EIO, f.header().errno());
      f.device.failWhere(null, 0);
      f.recover();
      assertEquals(1, f.valueInPlace(0), "committed before the error");
      assertEquals(-1, f.valueInPlace(1), "not committed");
    }
  }

  @Test
  void anErrorOfTheFlushFailsAllWhoWait() throws Exception {
    try (JournalFixture f = new JournalFixture(directory, CALLERS);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      f.device.failWhere(request -> request.op() == BlockOp.FLUSH, Errno.EIO);
      List<Future<Boolean>> syncs = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int index = i;
        syncs.add(threads.submit(() -> fails(() -> sync(f, f.changeOne(index, 1)).call())));
      }
      for (Future<Boolean> sync : syncs) {
        assertTrue(sync.get());
      }
      assertThrows(IOException.class, f.journal::close);
      assertEquals(1, f.failures.size());
    }
  }

  private static Callable<Void> sync(JournalFixture f, long transaction) {
    return () -> {
      f.journal.commit(transaction);
      return null;
    };
  }

  private static boolean fails(Callable<?> action) throws Exception {
    try {
      action.call();
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
