package dev.dioring.ext4lite.crash;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cuts the power at every flush and at many other moments of a workload. With a journal our
 * recovery, e2fsck's and the kernel's must leave a clean filesystem with everything that was
 * synced; without one, nothing may be damaged but what {@link CrashCheck} lists.
 *
 * <p>{@code -Ddioring.crash.states=N} checks so many states of each kind of image, {@code
 * -Ddioring.crash.seed=S} other ones. A state that is wrong is saved, in {@code
 * -Ddioring.crash.keep=DIRECTORY} or target/crash, and {@code -Ddioring.crash.replay=FILE} checks
 * it alone, by all means. {@code -Ddioring.crash.minutes=N} goes on with other seeds for so long,
 * with 0 until something is wrong.
 */
class CrashTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 42);
  private static final int STATES = Integer.getInteger("dioring.crash.states", 500);

  private static final String MINUTES = "dioring.crash.minutes";

  @TempDir Path directory;

  private static final List<String> KINDS =
      List.of(
          "-J size=1",
          "-J size=1 -O ^metadata_csum,^64bit",
          "-J size=1 -O ^extents,^64bit",
          "-J size=1 -t ext3",
          "-J size=1 -O bigalloc -C 4096",
          "-O ^has_journal",
          "-O ^has_journal,^metadata_csum,uninit_bg");

  static List<String> kinds() {
    return KINDS;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  @DisabledIfSystemProperty(named = CrashStates.REPLAY, matches = ".+")
  void everyCutIsSurvived(String options) throws Exception {
    check(options, SEED);
  }

  @Test
  @EnabledIfSystemProperty(named = MINUTES, matches = "\\d+")
  void goesOnWithOtherSeeds() throws Exception {
    long minutes = Long.getLong(MINUTES);
    long start = System.nanoTime();
    long seed = SEED;
    while (minutes == 0 || System.nanoTime() - start < TimeUnit.MINUTES.toNanos(minutes)) {
      seed++;
      for (String options : KINDS) {
        check(options, seed);
      }
      System.out.println((seed - SEED) * KINDS.size() * STATES + " states, up to seed " + seed);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = CrashStates.REPLAY, matches = ".+")
  void replays() throws Exception {
    CrashState state = SavedState.load(Path.of(System.getProperty(CrashStates.REPLAY)));
    try (CrashCheck check = new CrashCheck(state.image().lengthBytes(), directory, 0)) {
      assertNull(check.check(state, 0));
    }
  }

  private void check(String options, long seed) throws Exception {
    Recorded recorded = Recorded.run(directory, options, seed);
    CrashStates states = new CrashStates(recorded, seed, directory);
    String wrong = states.check(0, STATES);
    assertNull(wrong, () -> options + ": " + wrong + ", seed " + seed + ", " + states.replayFlag());
  }
}
