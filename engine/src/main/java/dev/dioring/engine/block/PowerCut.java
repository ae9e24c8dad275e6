package dev.dioring.engine.block;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a disk with a volatile cache may hold after a power cut, by the log of a {@link
 * RecordingBlockDevice}.
 *
 * <ul>
 *   <li>A request that was not submitted before the cut has no effect.
 *   <li>A write is there for sure if it completed before a flush was submitted that itself
 *       completed before the cut, or if it was FUA and completed before the cut.
 *   <li>Every other write submitted before the cut may be there, or not, or in part: any of its
 *       tear units. So may a discard and a zeroing.
 *   <li>Of two that overlap, the later one wins where both are there; requests that were in flight
 *       at the same time have no order, so either does.
 * </ul>
 *
 * <p>A state follows from the log, the seed and its number alone. The lowest numbers are the plain
 * ones: cuts behind each flush, with nothing that was not flushed and with everything.
 */
public final class PowerCut {
  private static final double[] SURVIVAL = {0.0, 0.1, 0.5, 0.9, 1.0};

  private final List<RecordedRequest> log;
  private final int events;
  private final int tearBytes;
  private final int wholeBytes;
  private final long seed;

  /** Ends of completed flushes, in order. */
  private final int[] flushEnds;

  /**
   * Prepares the states of a log that is complete.
   *
   * @param events cuts lie in front of event 0 to event {@code events}
   * @param tearBytes unit that is written whole or not at all; such as a sector
   * @param wholeBytes so many bytes at the start of the device are such a unit too, for formats
   *     that rely on it, as ext4 does for its superblock
   */
  public PowerCut(List<RecordedRequest> log, int events, int tearBytes, int wholeBytes, long seed) {
    this.log = log;
    this.events = events;
    this.tearBytes = tearBytes;
    this.wholeBytes = wholeBytes;
    this.seed = seed;
    flushEnds =
        log.stream()
            .filter(request -> request.op() == BlockOp.FLUSH && request.endEvent() < events)
            .mapToInt(RecordedRequest::endEvent)
            .sorted()
            .toArray();
  }

  /** States that {@link #state} makes before it begins to choose at random. */
  public int plainStates() {
    return 2 * (flushEnds.length + 1);
  }

  /** A lawful state. */
  public State state(int number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    if (number < plainStates()) {
      int flush = number / 2;
      int cut = flush < flushEnds.length ? flushEnds[flush] + 1 : events;
      return state(number, cut, number % 2, 0, random);
    }
    double survival = SURVIVAL[random.nextInt(SURVIVAL.length)];
    double tearing = random.nextInt(3) == 0 ? 0.5 : 0;
    return state(number, random.nextInt(events + 1), survival, tearing, random);
  }

  /** A lawful state of a cut behind all events, chosen at random. */
  public State stateAtEnd(int number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    double survival = SURVIVAL[random.nextInt(SURVIVAL.length)];
    double tearing = random.nextInt(3) == 0 ? 0.5 : 0;
    return state(number, events, survival, tearing, random);
  }

  private State state(
      int number, int cut, double survival, double tearing, SplittableRandom random) {
    int flushed = lastFlushStart(cut);
    List<Part> parts = new ArrayList<>();
    int uncertain = 0;
    for (RecordedRequest request : log) {
      if (request.startEvent() >= cut || request.op() == BlockOp.FLUSH) {
        continue;
      }
      boolean ended = request.endEvent() < cut;
      boolean sure = ended && !request.failed() && (request.endEvent() < flushed || request.fua());
      uncertain += sure ? 0 : 1;
      if (sure || random.nextDouble() < survival) {
        int lastMoment = Math.min(request.endEvent(), cut);
        int moment =
            sure && request.endEvent() < flushed
                ? lastMoment
                : request.startEvent() + random.nextInt(lastMoment - request.startEvent() + 1);
        boolean torn = !sure && random.nextDouble() < tearing;
        parts.add(new Part(request, moment, torn ? random.nextLong() | 1 : 0));
      }
    }
    parts.sort(Comparator.comparingInt(Part::moment));
    return new State(number, cut, uncertain, parts, this);
  }

  /** Start of the last flush that completed before the cut; what completed before it is durable. */
  private int lastFlushStart(int cut) {
    int last = 0;
    for (RecordedRequest request : log) {
      if (request.op() == BlockOp.FLUSH && request.endEvent() < cut && !request.failed()) {
        last = Math.max(last, request.startEvent());
      }
    }
    return last;
  }

  /**
   * A request that reached the medium.
   *
   * @param moment when, as an event between its submission and its completion
   * @param tornSeed chooses the units that did if not all; 0 for all
   */
  private record Part(RecordedRequest request, int moment, long tornSeed) {}

  /** One state of the disk. */
  public static final class State {
    private final int number;
    private final int cut;
    private final int uncertain;
    private final List<Part> parts;
    private final PowerCut owner;

    private State(int number, int cut, int uncertain, List<Part> parts, PowerCut owner) {
      this.number = number;
      this.cut = cut;
      this.uncertain = uncertain;
      this.parts = parts;
      this.owner = owner;
    }

    /** The event that did not happen any more. */
    public int cut() {
      return cut;
    }

    /** Turns the image of the device before the log into that after the cut. */
    public void applyTo(MemorySegment image) {
      for (Part part : parts) {
        RecordedRequest request = part.request;
        if (part.tornSeed == 0) {
          request.applyTo(image, 0, request.lengthBytes());
        } else {
          tear(request, new SplittableRandom(part.tornSeed), image);
        }
      }
    }

    private void tear(RecordedRequest request, SplittableRandom random, MemorySegment image) {
      long unit;
      for (long at = 0; at < request.lengthBytes(); at += unit) {
        long untilWhole = owner.wholeBytes - request.byteOffset() - at;
        unit = Math.min(Math.max(owner.tearBytes, untilWhole), request.lengthBytes() - at);
        if (random.nextBoolean()) {
          request.applyTo(image, at, unit);
        }
      }
    }

    @Override
    public String toString() {
      long torn = parts.stream().filter(part -> part.tornSeed != 0).count();
      return "state "
          + number
          + ": cut before event "
          + cut
          + ", "
          + uncertain
          + " requests uncertain, "
          + torn
          + " torn";
    }
  }
}
