/** A fio-compatible benchmark of files, devices and ext4 images. */
module dev.dioring.bench {
  requires com.fasterxml.jackson.databind;
  requires dev.dioring.ext4lite;
  requires info.picocli;
  requires jdk.jfr;
  requires jdk.management;
  requires jdk.unsupported;
  requires HdrHistogram;
  requires static transitive org.jspecify;

  opens dev.dioring.bench to
      info.picocli;
}
