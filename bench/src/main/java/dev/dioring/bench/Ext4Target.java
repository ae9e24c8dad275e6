package dev.dioring.bench;

import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.dio.Kiocb;
import dev.dioring.engine.memory.IoBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A file in an ext4 image on the callback path: each request, when it completes, submits the turn's
 * next, from the completion thread or, where completions are deferred, from the volume's executor.
 */
final class Ext4Target implements Target {
  private final Ext4Medium medium;
  private final List<IoBuffer> taken = new ArrayList<>();

  Ext4Target(Ext4Medium medium) {
    this.medium = medium;
  }

  @Override
  public Backend backend() {
    return medium.backend();
  }

  @Override
  public long sizeBytes() {
    return medium.file().sizeBytes();
  }

  @Override
  public int alignmentBytes() {
    return medium.alignmentBytes();
  }

  @Override
  public Map<String, Long> counters() {
    return medium.counters();
  }

  @Override
  public void start(Job job) throws BenchException {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < job.spec().iodepth(); i++) {
      IoBuffer buffer = DeviceTarget.acquire(medium.volume().device().buffers());
      taken.add(buffer);
      var memory = buffer.segment().asSlice(0, job.spec().bs());
      int index = job.spec().fixedbufs() ? buffer.index() : BlockRequest.NOT_REGISTERED;
      requests.add(new Request(medium, new Turn(job, job.recorder(false), memory, false), index));
    }
    job.starts(System.nanoTime());
    requests.forEach(request -> request.turn.drive(request, System.nanoTime()));
  }

  @Override
  public void close() throws BenchException {
    taken.forEach(IoBuffer::release);
    medium.close();
  }

  private static final class Request extends Kiocb implements Turn.Issuer {
    private final Ext4Medium medium;
    private final Turn turn;
    private final int buffer;

    Request(Ext4Medium medium, Turn turn, int buffer) {
      this.medium = medium;
      this.turn = turn;
      this.buffer = buffer;
    }

    @Override
    public void issue(Turn turn) {
      switch (turn.action) {
        case READ -> medium.file().submit(read(turn.byteOffset, turn.memory, 0).registered(buffer));
        case WRITE ->
            medium.file().submit(write(turn.byteOffset, turn.memory, 0).registered(buffer));
        case SYNC -> Thread.startVirtualThread(this::sync);
      }
    }

    /** A sync blocks, so it has a thread of its own. */
    private void sync() {
      turn.completed(this, Ext4Calls.sync(medium, turn));
    }

    @Override
    protected void kiComplete(long result) {
      turn.completed(this, result);
    }
  }
}
