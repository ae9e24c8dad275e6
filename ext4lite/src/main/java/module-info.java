/** ext4 disk images in user space: the filesystem and its command line. */
module dev.dioring.ext4lite {
  requires com.fasterxml.jackson.databind;
  requires dev.dioring.bindings;
  requires transitive dev.dioring.engine;
  requires info.picocli;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports dev.dioring.ext4lite.format;
  exports dev.dioring.ext4lite.fs;
  exports dev.dioring.ext4lite.fuse;

  opens dev.dioring.ext4lite.cli to
      info.picocli;
}
