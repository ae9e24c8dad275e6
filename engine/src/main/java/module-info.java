/** Asynchronous direct I/O on io_uring: rings, buffers, block devices, deferred completions. */
@SuppressWarnings("module") // what it exports to is built later
module dev.dioring.engine {
  requires dev.dioring.bindings;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports dev.dioring.engine.block;
  exports dev.dioring.engine.dio;
  exports dev.dioring.engine.memory;
  exports dev.dioring.engine.ring;
  exports dev.dioring.engine.threads to
      dev.dioring.ext4lite;
}
