package dev.dioring.ext4lite.crash;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cuts the power at every flush and at many other moments of a workload. With a journal our
 * recovery, e2fsck's and the kernel's must leave a clean filesystem with everything that was
 * synced; without one, nothing may be damaged but what {@link CrashCheck} lists.
 *
 * <p>{@code -Ddioring.crash.states=N} checks so many states of each kind of image, {@code
 * -Ddioring.crash.seed=S} other ones, and {@code -Ddioring.crash.keep=FILE} keeps the image of a
 * state that is wrong.
 */
class CrashTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 42);
  private static final int STATES = Integer.getInteger("dioring.crash.states", 500);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-J size=1",
        "-J size=1 -O ^metadata_csum,^64bit",
        "-J size=1 -O ^extents,^64bit",
        "-J size=1 -t ext3",
        "-J size=1 -O bigalloc -C 4096",
        "-O ^has_journal",
        "-O ^has_journal,^metadata_csum,uninit_bg"
      })
  void everyCutIsSurvived(String options) throws Exception {
    Recorded recorded = Recorded.run(directory, options, SEED);
    CrashStates states = new CrashStates(recorded, SEED, directory);
    String wrong = states.check(0, STATES);
    assertNull(wrong, () -> wrong + ", seed " + SEED);
  }
}
