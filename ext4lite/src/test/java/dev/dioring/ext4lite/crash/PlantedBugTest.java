package dev.dioring.ext4lite.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockOp;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.block.ForwardingBlockDevice;
import dev.dioring.ext4lite.format.JournalHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness has to find bugs: each is planted between the filesystem and the recorded device. */
class PlantedBugTest {
  private static final long SEED = 42;
  private static final int STATES_MAX = 3000;
  private static final String JOURNALED = "-J size=1";
  private static final String PLAIN = "-O ^has_journal";

  @TempDir Path directory;

  /** The commit block may then be there before the blocks of its transaction. */
  @Test
  void aJournalWithoutFlushesIsFound() throws Exception {
    found(JOURNALED, below -> new Dropping(below, BlockOp.FLUSH, false));
  }

  @Test
  void epochsWithoutFlushesAreFound() throws Exception {
    found(PLAIN, below -> new Dropping(below, BlockOp.FLUSH, false));
  }

  /** The commit block may be missing although a sync has returned. */
  @Test
  void aCommitBlockWithoutFuaIsFound() throws Exception {
    found(JOURNALED, below -> new Dropping(below, null, true));
  }

  /** Extents are converted, and sizes grow, before their data is written. */
  @Test
  void conversionBeforeTheDataIsWrittenIsFound() throws Exception {
    found(JOURNALED, below -> new Early(below, PlantedBugTest::isFileContent));
  }

  @Test
  void conversionBeforeTheDataIsWrittenIsFoundWithoutAJournal() throws Exception {
    found(PLAIN, below -> new Early(below, PlantedBugTest::isFileContent));
  }

  /** What a commit block ends was not written when it was. */
  @Test
  void aCommitBeforeItsBlocksIsFound() throws Exception {
    found(JOURNALED, below -> new Early(below, PlantedBugTest::isDescriptor));
  }

  private void found(String options, UnaryOperator<BlockDevice> bug) throws Exception {
    Recorded recorded = Recorded.run(directory, options, SEED, bug);
    CrashStates states = new CrashStates(recorded, SEED, directory);
    String wrong = states.check(0, STATES_MAX);
    assertNotNull(wrong, "no state showed the bug, seed " + SEED);
    Path saved = states.saved();
    CrashState again = SavedState.load(saved);
    try (CrashCheck check = new CrashCheck(again.image().lengthBytes(), directory, 0)) {
      String found = String.valueOf(check.check(again, 0));
      // Paths and times aside.
      assertEquals(wrong.split(": ", 2)[0], found.split(": ", 2)[0]);
    } finally {
      Files.delete(saved);
    }
  }

  private static boolean isFileContent(MemorySegment data) {
    return data.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) == Stamp.MAGIC;
  }

  private static boolean isDescriptor(MemorySegment data) {
    return JournalHeader.hasMagic(data, 0)
        && JournalHeader.type(data, 0) == JournalHeader.DESCRIPTOR;
  }

  /** Answers some requests without doing them, or forgets that they should be durable. */
  private static final class Dropping extends ForwardingBlockDevice {
    private final @Nullable BlockOp dropped;
    private final boolean forgetsFua;

    Dropping(BlockDevice below, @Nullable BlockOp dropped, boolean forgetsFua) {
      super(below);
      this.dropped = dropped;
      this.forgetsFua = forgetsFua;
    }

    @Override
    public void submit(BlockRequest request) {
      MemorySegment memory = request.memory();
      if (request.op() == dropped) {
        // A discard of nothing: the answer comes on the completion thread, as it should.
        super.submit(new Relay(request, relay -> relay.discard(0, 0)));
      } else if (forgetsFua && request.fua() && memory != null) {
        super.submit(new Relay(request, relay -> relay.write(request.byteOffset(), memory)));
      } else {
        super.submit(request);
      }
    }
  }

  /** Answers some writes before it does them; they are done when a few more have come. */
  private static final class Early extends ForwardingBlockDevice {
    private static final int HELD = 5;

    private final Predicate<MemorySegment> early;
    private final List<BlockRequest> held = new ArrayList<>();
    private final Arena arena = Arena.ofShared();

    Early(BlockDevice below, Predicate<MemorySegment> early) {
      super(below);
      this.early = early;
    }

    @Override
    public void submit(BlockRequest request) {
      MemorySegment memory = request.memory();
      if (request.op() == BlockOp.WRITE && memory != null && early.test(memory)) {
        byte[] copy = memory.toArray(ValueLayout.JAVA_BYTE);
        MemorySegment later = arena.allocate(copy.length, 4096);
        later.copyFrom(MemorySegment.ofArray(copy));
        hold(new Relay(null, relay -> relay.write(request.byteOffset(), later)));
        super.submit(
            new Relay(request, relay -> relay.discard(0, 0)).answering((int) memory.byteSize()));
      } else {
        super.submit(request);
      }
    }

    private synchronized void hold(BlockRequest write) {
      held.add(write);
      if (held.size() > HELD) {
        super.submit(held.removeFirst());
      }
    }

    @Override
    public synchronized void close() {
      held.forEach(super::submit);
      super.close();
      arena.close();
    }
  }

  /** A request in the place of another. */
  private static final class Relay extends BlockRequest {
    private final @Nullable BlockRequest original;
    private int answer = -1;

    Relay(@Nullable BlockRequest original, Consumer<BlockRequest> prepare) {
      this.original = original;
      prepare.accept(this);
    }

    Relay answering(int result) {
      answer = result;
      return this;
    }

    @Override
    protected void completed(int result) {
      if (original != null) {
        original.complete(answer >= 0 ? answer : result);
      }
    }
  }
}
