/** Linux io_uring, FUSE and libc for the JVM, through the foreign function and memory API. */
@SuppressWarnings("module") // the modules it is exported to are built after it
module dev.dioring.bindings {
  requires static transitive org.jspecify;

  exports dev.dioring.bindings to
      dev.dioring.engine,
      dev.dioring.ext4lite,
      dev.dioring.bench;
  exports dev.dioring.bindings.fuse to
      dev.dioring.ext4lite;
}
