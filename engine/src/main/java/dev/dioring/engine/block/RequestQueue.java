package dev.dioring.engine.block;

import org.jspecify.annotations.Nullable;

/** Requests in order, linked through themselves. For one thread. */
final class RequestQueue {
  private @Nullable BlockRequest head;
  private @Nullable BlockRequest tail;

  void add(BlockRequest request) {
    request.next = null;
    if (tail == null) {
      head = request;
    } else {
      tail.next = request;
    }
    tail = request;
  }

  @Nullable BlockRequest poll() {
    BlockRequest first = head;
    if (first != null) {
      head = first.next;
      first.next = null;
      if (head == null) {
        tail = null;
      }
    }
    return first;
  }
}
