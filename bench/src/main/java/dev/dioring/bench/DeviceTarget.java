package dev.dioring.bench;

import dev.dioring.engine.block.BlockDevice;
import dev.dioring.engine.block.BlockRequest;
import dev.dioring.engine.block.Capabilities;
import dev.dioring.engine.memory.BufferPool;
import dev.dioring.engine.memory.IoBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block device on the callback path: each request, when it completes, submits the turn's next
 * from the completion thread.
 */
final class DeviceTarget implements Target {
  private final BlockDevice device;
  private final List<IoBuffer> taken = new ArrayList<>();

  DeviceTarget(BlockDevice device) {
    this.device = device;
  }

  @Override
  public Backend backend() {
    Capabilities capabilities = device.capabilities();
    return new Backend(capabilities.backend(), capabilities.reason(), capabilities.features());
  }

  @Override
  public long sizeBytes() {
    return device.geometry().sizeBytes();
  }

  @Override
  public int alignmentBytes() {
    return device.geometry().offsetAlignmentBytes();
  }

  @Override
  public void start(Job job) throws BenchException {
    boolean oneThread = device.capabilities().backend().equals("uring");
    @Nullable Recorder shared = oneThread ? job.recorder(true) : null;
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < job.spec().iodepth(); i++) {
      IoBuffer buffer = acquire(device.buffers());
      taken.add(buffer);
      Recorder recorder = shared != null ? shared : job.recorder(false);
      var memory = buffer.segment().asSlice(0, job.spec().bs());
      int index = job.spec().fixedbufs() ? buffer.index() : BlockRequest.NOT_REGISTERED;
      requests.add(new Request(device, new Turn(job, recorder, memory, oneThread), index));
    }
    job.starts(System.nanoTime());
    if (oneThread) {
      // The recorder belongs to the completion thread, so all turns have to start there.
      device.submit(new Starter(requests).flush());
    } else {
      requests.forEach(request -> request.turn.drive(request, System.nanoTime()));
    }
  }

  static IoBuffer acquire(BufferPool pool) throws BenchException {
    IoBuffer buffer = pool.tryAcquire();
    if (buffer == null) {
      throw new BenchException(
          BenchException.UNAVAILABLE, "the device has only " + pool.count() + " buffers");
    }
    return buffer;
  }

  @Override
  public void close() {
    taken.forEach(IoBuffer::release);
    device.close();
  }

  private static final class Starter extends BlockRequest {
    private final List<Request> requests;

    Starter(List<Request> requests) {
      this.requests = requests;
    }

    @Override
    protected void completed(int result) {
      for (Request request : requests) {
        request.turn.drive(request, System.nanoTime());
      }
    }
  }

  private static final class Request extends BlockRequest implements Turn.Issuer {
    private final BlockDevice device;
    private final Turn turn;
    private final int buffer;

    Request(BlockDevice device, Turn turn, int buffer) {
      this.device = device;
      this.turn = turn;
      this.buffer = buffer;
    }

    @Override
    public void issue(Turn turn) {
      switch (turn.action) {
        case READ -> read(turn.byteOffset, turn.memory).registered(buffer);
        case WRITE -> write(turn.byteOffset, turn.memory).registered(buffer);
        case SYNC -> flush();
      }
      device.submit(this);
    }

    @Override
    protected void completed(int result) {
      turn.completed(this, result);
    }
  }
}
