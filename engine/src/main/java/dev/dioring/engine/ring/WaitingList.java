package dev.dioring.engine.ring;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Operations that found no room, oldest first, linked through themselves. Poller thread. */
final class WaitingList {
  private @Nullable RingOperation head;
  private @Nullable RingOperation tail;

  boolean isEmpty() {
    return head == null;
  }

  /** The oldest, which stays. */
  RingOperation first() {
    RingOperation first = head;
    if (first == null) {
      throw new NoSuchElementException();
    }
    return first;
  }

  void add(RingOperation operation) {
    operation.next = null;
    if (tail == null) {
      head = operation;
    } else {
      tail.next = operation;
    }
    tail = operation;
  }

  /** Takes the oldest. */
  RingOperation remove() {
    RingOperation first = first();
    head = first.next;
    first.next = null;
    if (head == null) {
      tail = null;
    }
    return first;
  }

  /** Takes out one, if it is here. */
  @SuppressWarnings("ReferenceEquality") // the very operation, whatever its equals says
  boolean remove(RingOperation operation) {
    RingOperation before = null;
    RingOperation at = head;
    while (at != null && at != operation) {
      before = at;
      at = at.next;
    }
    if (at == null) {
      return false;
    }
    if (before == null) {
      head = at.next;
    } else {
      before.next = at.next;
    }
    if (tail == at) {
      tail = before;
    }
    at.next = null;
    return true;
  }
}
