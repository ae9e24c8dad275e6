package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.fuse.FuseOpcode;
import dev.dioring.bindings.fuse.InHeader;
import dev.dioring.bindings.fuse.InterruptIn;
import dev.dioring.ext4lite.fs.ReserveOwner;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** An INTERRUPT reaches the request it names while that looks, and none is ever answered. */
class InterruptsTest {
  private static final int PAGE_BYTES = 4096;

  private final Dispatcher dispatcher =
      new Dispatcher(
          "test",
          new Backlog() {
            @Override
            public boolean changesWait() {
              return false;
            }

            @Override
            public boolean hasDelayedWrites() {
              return false;
            }

            @Override
            public void writeDelayed() {
              throw new AssertionError("there is nothing to write");
            }
          },
          new ReserveAccess(new ReserveOwner(0, 0)));

  private final Interrupts interrupts = new Interrupts();
  private final List<Request> dropped = new ArrayList<>();

  private final ReplyPort port =
      new ReplyPort() {
        @Override
        public void reply(Request request, int error, long bodyAt, int bodyBytes) {
          throw new AssertionError(request + " is answered");
        }

        @Override
        public boolean mayWait() {
          return true;
        }

        @Override
        public void drop(Request request) {
          dropped.add(request);
        }
      };

  @Test
  void requestIsToldWhileItRuns() {
    interrupts.register(dispatcher);
    Request first = request(FuseOpcode.COPY_FILE_RANGE, 10, 0);
    Request second = request(FuseOpcode.COPY_FILE_RANGE, 12, 0);
    AtomicBoolean firstAsked = interrupts.begin(first);
    AtomicBoolean secondAsked = interrupts.begin(second);
    dispatcher.dispatch(request(FuseOpcode.INTERRUPT, 0, 10));
    assertTrue(firstAsked.get());
    assertFalse(secondAsked.get());
    interrupts.end(second);
    dispatcher.dispatch(request(FuseOpcode.INTERRUPT, 0, 12));
    dispatcher.dispatch(request(FuseOpcode.INTERRUPT, 0, 99));
    assertFalse(secondAsked.get());
    assertEquals(3, dropped.size());
  }

  /** A request as it arrives over /dev/fuse: its header, then the number it interrupts. */
  private Request request(FuseOpcode opcode, long unique, long interrupted) {
    MemorySegment memory = Arena.ofAuto().allocate(2 * PAGE_BYTES, PAGE_BYTES);
    int length = InHeader.BYTES + InterruptIn.BYTES;
    memory.set(ValueLayout.JAVA_INT, 0, length);
    memory.set(ValueLayout.JAVA_INT, 4, opcode.code());
    memory.set(ValueLayout.JAVA_LONG, 8, unique);
    memory.set(ValueLayout.JAVA_LONG, InHeader.BYTES, interrupted);
    Request request = new Request(port, dispatcher.counters(), 0, memory, PAGE_BYTES);
    assertTrue(request.arrivedInline(0, length));
    return request;
  }
}
