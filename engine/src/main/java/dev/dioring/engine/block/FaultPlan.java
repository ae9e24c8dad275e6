package dev.dioring.engine.block;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which requests of a {@link FaultyBlockDevice} go wrong, and how. A rule sees the requests that
 * match it, in the order of their submission, and chooses by their number and the seed alone: a
 * caller that submits in the same order meets the same faults. The first rule that chooses a
 * request decides. Thread-safe.
 */
public final class FaultPlan {
  /** What becomes of a request. */
  public enum Fault {
    /** Nothing of it reaches the medium; EIO. */
    FAIL,
    /** Of a write some sectors reach the medium, in any order; EIO. Others just fail. */
    TEAR,
    /** A transfer ends early, as where the medium ends, on a sector. Others pass. */
    SHORTEN,
    /** It reaches the medium late, behind requests that were submitted after it. */
    DELAY,
    /** The power goes just before it: see {@link FaultyBlockDevice#cutPower}. */
    CUT_POWER
  }

  /** A fault for one request. */
  record Choice(Fault fault, long seed) {}

  private static final class Rule {
    final Predicate<BlockRequest> matches;
    final Fault fault;
    final int from;
    final int end;
    final double share;
    final SplittableRandom random;

    /** Requests that matched; guarded by the plan's lock. */
    int seen;

    Rule(
        Predicate<BlockRequest> matches,
        Fault fault,
        int from,
        int end,
        double share,
        SplittableRandom random) {
      this.matches = matches;
      this.fault = fault;
      this.from = from;
      this.end = end;
      this.share = share;
      this.random = random;
    }

    /** Whether it takes the next request that matches. */
    boolean chooses(double chance) {
      int number = seen++;
      return number >= from && number < end && chance < share;
    }
  }

  private final long seed;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final List<Rule> rules = new ArrayList<>();

  /** Guarded by the lock. */
  private final Map<Fault, Integer> injected = new EnumMap<>(Fault.class);

  /** A plan without faults. */
  public FaultPlan(long seed) {
    this.seed = seed;
  }

  /** Adds a fault of one request: of those that match, the one with this number, from 0. */
  public FaultPlan nth(int number, Predicate<BlockRequest> matches, Fault fault) {
    return rule(matches, fault, number, number + 1, 1);
  }

  /** Adds a fault of a share of the requests that match, between 0 and 1. */
  public FaultPlan some(double share, Predicate<BlockRequest> matches, Fault fault) {
    return rule(matches, fault, 0, Integer.MAX_VALUE, share);
  }

  /** How often this fault has come. */
  public int injected(Fault fault) {
    lock.lock();
    try {
      return injected.getOrDefault(fault, 0);
    } finally {
      lock.unlock();
    }
  }

  private FaultPlan rule(
      Predicate<BlockRequest> matches, Fault fault, int from, int end, double share) {
    lock.lock();
    try {
      SplittableRandom random = new SplittableRandom(seed * 1_000_003 + rules.size());
      rules.add(new Rule(matches, fault, from, end, share, random));
    } finally {
      lock.unlock();
    }
    return this;
  }

  /** Decides about a request that is being submitted; null lets it pass. */
  @Nullable Choice choose(BlockRequest request) {
    lock.lock();
    try {
      Choice choice = null;
      for (Rule rule : rules) {
        // Every rule counts what matches it, so that none depends on those before it.
        if (!rule.matches.test(request)) {
          continue;
        }
        double chance = rule.random.nextDouble();
        long choiceSeed = rule.random.nextLong();
        if (rule.chooses(chance) && choice == null) {
          choice = new Choice(rule.fault, choiceSeed);
        }
      }
      if (choice != null) {
        injected.merge(choice.fault, 1, Integer::sum);
      }
      return choice;
    } finally {
      lock.unlock();
    }
  }
}
