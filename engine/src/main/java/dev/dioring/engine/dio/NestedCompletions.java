package dev.dioring.engine.dio;

import org.jspecify.annotations.Nullable;

/**
 * Completes requests that end while they are still being submitted: reads of holes, failed
 * mappings, or I/O that was faster than the submission. A caller that submits its next request from
 * there would nest ever deeper, so a completion thread queues what ends inside another such
 * completion and runs it after that one has returned.
 *
 * <p>Elsewhere a completion may wait for the one nested in it, which rules a queue out: there the
 * nesting is bounded, and goes on on another virtual thread.
 */
final class NestedCompletions {
  private static final int DEPTH_MAX = 16;

  /** One thread's completions under way. */
  private static final class Nesting {
    private int depth;
    private @Nullable Dio first;
    private @Nullable Dio last;

    void add(Dio dio) {
      dio.nextDeferred = null;
      if (last == null) {
        first = dio;
      } else {
        last.nextDeferred = dio;
      }
      last = dio;
    }

    @Nullable Dio poll() {
      Dio next = first;
      if (next != null) {
        first = next.nextDeferred;
        next.nextDeferred = null;
        if (first == null) {
          last = null;
        }
      }
      return next;
    }
  }

  private final ThreadLocal<Nesting> nestings = ThreadLocal.withInitial(Nesting::new);

  void complete(Dio dio, boolean onCompletionThread) {
    Nesting nesting = nestings.get();
    if (nesting.depth > 0 && onCompletionThread) {
      nesting.add(dio);
      return;
    }
    if (nesting.depth == DEPTH_MAX) {
      dio.file().completions().punt(dio::completeInline);
      return;
    }
    nesting.depth++;
    for (Dio next = dio; next != null; next = nesting.poll()) {
      next.completeInline();
    }
    nesting.depth--;
  }
}
