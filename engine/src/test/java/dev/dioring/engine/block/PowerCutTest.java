package dev.dioring.engine.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Each rule of what may be left after a power cut, by a log of a few requests. */
class PowerCutTest {
  private static final int STATES = 400;
  private static final int UNIT = 512;

  private final List<RecordedRequest> log = new ArrayList<>();
  private int events;

  @Test
  void whatAFlushCoveredIsThere() {
    end(write(1, UNIT, false));
    end(flush());
    assertEquals(Set.of("1"), contentsAtEnd());
  }

  @Test
  void whatNoFlushCoveredMayBeMissing() {
    end(write(1, UNIT, false));
    assertEquals(Set.of("0", "1"), contentsAtEnd());
  }

  @Test
  void whatEndedDuringAFlushMayBeMissing() {
    RecordedRequest write = write(1, UNIT, false);
    RecordedRequest flush = flush();
    end(write);
    end(flush);
    assertEquals(Set.of("0", "1"), contentsAtEnd());
  }

  @Test
  void aFlushThatDidNotEndCoversNothing() {
    end(write(1, UNIT, false));
    flush();
    assertEquals(Set.of("0", "1"), contentsAtEnd());
  }

  @Test
  void aFailedFlushCoversNothing() {
    end(write(1, UNIT, false));
    flush().end(events++, -5);
    assertEquals(Set.of("0", "1"), contentsAtEnd());
  }

  @Test
  void completedFuaIsThereAndUncompletedMayBe() {
    end(write(1, UNIT, true));
    assertEquals(Set.of("1"), contentsAtEnd());
    write(2, UNIT, true);
    assertEquals(Set.of("1", "2"), contentsAtEnd());
  }

  @Test
  void whatWasNotSubmittedHasNoEffect() {
    end(write(1, UNIT, true));
    int cut = events;
    end(write(2, UNIT, true));
    PowerCut cuts = new PowerCut(log, events, UNIT, 0, 1);
    Set<String> before = new TreeSet<>();
    for (int i = 0; i < STATES; i++) {
      PowerCut.State state = cuts.state(i);
      if (state.cut() == cut) {
        before.add(content(state, UNIT));
      }
    }
    assertEquals(Set.of("1"), before);
  }

  @Test
  void laterWritesWinOverEarlierOnes() {
    end(write(1, UNIT, false));
    end(write(2, UNIT, false));
    assertEquals(Set.of("0", "1", "2"), contentsAtEnd());
    end(write(3, UNIT, false));
    end(flush());
    assertEquals(Set.of("3"), contentsAtEnd());
  }

  @Test
  void writesInFlightTogetherHaveNoOrder() {
    RecordedRequest first = write(1, UNIT, false);
    RecordedRequest second = write(2, UNIT, false);
    PowerCut cuts = new PowerCut(log, events, UNIT, 0, 1);
    Set<String> all = new TreeSet<>();
    for (int i = cuts.plainStates(); i < STATES; i++) {
      all.add(content(cuts.state(i), UNIT));
    }
    assertEquals(Set.of("0", "1", "2"), all);
    end(second);
    end(first);
  }

  @Test
  void uncertainWritesMayBeTorn() {
    write(1, 2 * UNIT, false);
    assertEquals(Set.of("00", "01", "10", "11"), contentsAtEnd());
  }

  @Test
  void whatTheFormatReliesOnIsNotTorn() {
    write(1, 4 * UNIT, false);
    PowerCut cuts = new PowerCut(log, events, UNIT, 2 * UNIT, 1);
    Set<String> all = new TreeSet<>();
    for (int i = 0; i < STATES; i++) {
      all.add(content(cuts.state(i), 4 * UNIT));
    }
    assertEquals(Set.of("0000", "0001", "0010", "0011", "1100", "1101", "1110", "1111"), all);
  }

  @Test
  void discardsMayBeSeenOrNot() {
    end(write(1, UNIT, true));
    RecordedRequest discard =
        new RecordedRequest(BlockOp.DISCARD, 0, UNIT, new byte[0], false, events++);
    log.add(discard);
    end(discard);
    assertEquals(Set.of("0", "1"), contentsAtEnd());
    end(flush());
    assertEquals(Set.of("0"), contentsAtEnd());
  }

  @Test
  void plainStatesCutBehindEachFlush() {
    end(write(1, UNIT, false));
    end(flush());
    end(write(2, UNIT, false));
    PowerCut cuts = new PowerCut(log, events, UNIT, 0, 1);
    assertEquals(4, cuts.plainStates());
    assertEquals("1", content(cuts.state(0), UNIT));
    assertEquals("1", content(cuts.state(1), UNIT));
    assertEquals("1", content(cuts.state(2), UNIT));
    assertEquals("2", content(cuts.state(3), UNIT));
  }

  @Test
  void aStateFollowsFromItsNumberAndTheSeed() {
    for (int i = 1; i < 20; i++) {
      end(write(i, 4 * UNIT, false));
    }
    for (int i = 0; i < STATES; i++) {
      assertEquals(
          content(new PowerCut(log, events, UNIT, 0, 7).state(i), 4 * UNIT),
          content(new PowerCut(log, events, UNIT, 0, 7).state(i), 4 * UNIT));
    }
  }

  private RecordedRequest write(int fill, int bytes, boolean fua) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) fill);
    RecordedRequest request = new RecordedRequest(BlockOp.WRITE, 0, bytes, data, fua, events++);
    log.add(request);
    return request;
  }

  private RecordedRequest flush() {
    RecordedRequest request =
        new RecordedRequest(BlockOp.FLUSH, 0, 0, new byte[0], false, events++);
    log.add(request);
    return request;
  }

  private void end(RecordedRequest request) {
    request.end(events++, 0);
  }

  /** All contents that the states with the last cut have. */
  private Set<String> contentsAtEnd() {
    PowerCut cuts = new PowerCut(log, events, UNIT, 0, 1);
    int bytes = log.stream().mapToInt(request -> (int) request.lengthBytes()).max().orElse(UNIT);
    Set<String> all = new TreeSet<>();
    int states = 0;
    for (int i = 0; i < STATES; i++) {
      PowerCut.State state = cuts.state(i);
      if (state.cut() == events) {
        all.add(content(state, bytes));
        states++;
      }
    }
    assertTrue(states > 10, "only " + states + " states at the end");
    return all;
  }

  /** The first byte of each unit, after the state was applied to zeroes. */
  private static String content(PowerCut.State state, int bytes) {
    MemorySegment image = MemorySegment.ofArray(new byte[bytes]);
    state.applyTo(image);
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < bytes; at += UNIT) {
      text.append(image.get(JAVA_BYTE, at));
      assertEquals(image.get(JAVA_BYTE, at), image.get(JAVA_BYTE, Math.min(at + UNIT, bytes) - 1L));
    }
    return text.toString();
  }
}
