package dev.dioring.engine.ring;

/**
 * How often an idle poller enters the kernel without waiting before it goes to sleep. A sleep costs
 * a context switch and a wake-up; spinning that finds nothing costs processor time for nothing. So
 * the budget grows where a spin found work and halves where it did not; without a budget it tries
 * again now and then. Confined to the poller thread.
 */
final class SpinPolicy {
  private static final int SLEEPS_PER_TRIAL = 64;

  private final int budgetMax;
  private int budget;
  private int used;
  private int sleepsUntilTrial = SLEEPS_PER_TRIAL;

  SpinPolicy(int budgetMax) {
    this.budgetMax = budgetMax;
    budget = budgetMax;
  }

  /** There was work: whatever was spun to find it paid. */
  void worked() {
    if (used > 0) {
      budget = Math.min(budgetMax, Math.max(budget, 2 * used));
      used = 0;
    }
  }

  /** There is none. @return whether to look again at once rather than to sleep */
  boolean spins() {
    if (used < budget) {
      used++;
      return true;
    }
    return false;
  }

  /** The poller goes to sleep after a spin in vain. */
  void sleeps() {
    if (used > 0) {
      budget = budget / 2;
      used = 0;
    } else if (--sleepsUntilTrial == 0) {
      sleepsUntilTrial = SLEEPS_PER_TRIAL;
      budget = budgetMax;
    }
  }
}
