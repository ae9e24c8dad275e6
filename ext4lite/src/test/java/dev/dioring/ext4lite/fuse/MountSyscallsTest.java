package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** System calls beyond reading and writing answer as they do on the kernel's mount. */
class MountSyscallsTest {
  private static final String UNPRIVILEGED =
      "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all ";

  /** What takes setuid and setgid bits and capabilities, when done by somebody unprivileged. */
  private static final String PRIVILEGE_LOSS =
      """
      make() { echo content > $1; chown 65534:65534 $1; chmod $2 $1; }
      show() { stat -c '%n %a' $1; getcap $1 2>/dev/null; }
      umask 0
      for mode in 6777 2767 4755; do
        make w$mode $mode; @ sh -c "echo x >> w$mode"; show w$mode
        make t$mode $mode; @ truncate -s 3 t$mode; show t$mode
        make o$mode $mode; @ sh -c ": > o$mode"; show o$mode
        make d$mode $mode
        @ dd if=/dev/zero of=d$mode bs=4k count=1 oflag=direct conv=notrunc status=none
        show d$mode
        make c$mode $mode; @ chgrp 65534 c$mode; show c$mode
        make f$mode $mode; @ fallocate -l 8k f$mode; show f$mode
        make k$mode $mode; echo more > source; @ cp source k$mode; show k$mode
        make r$mode $mode; echo x >> r$mode; show r$mode
        make s$mode $mode; chown 0 s$mode; show s$mode
        make m$mode $mode; @ touch m$mode; show m$mode
      done
      for groups in clear-groups groups=54321; do
        for mode in 6666 2777; do
          name=g$groups$mode
          make $name $mode; chown 65534:54321 $name; chmod $mode $name
          @@ sh -c "echo x >> $name"; show $name; chmod $mode $name
          @@ fallocate -l 8k $name; show $name; chmod $mode $name
          @@ truncate -s 3 $name; show $name; chmod $mode $name
        done
      done
      for change in 'echo x >> c' 'truncate -s 3 c' ': > c' 'fallocate -l 8k c' 'cp source c' \
        'chown 1 c' 'chmod 700 c' 'touch c' 'dd if=source of=c oflag=direct,append bs=4k status=none'
      do
        echo content > c; setcap cap_net_raw+ep c; sh -c "$change"; echo "$change:" $(getcap c)
      done
      """;

  private static final String DEFAULT_LISTS =
      """
      mkdir lists; setfacl -d -m u:1000:rwx,g:100:rx,o::x lists
      (umask 077; touch lists/file; mkdir lists/sub; mkfifo -m 0640 lists/fifo)
      (umask 0; touch lists/open; ln -s file lists/link)
      (cd lists; getfacl -n file sub fifo open; stat -c '%n %a' *)
      """;

  private static final String COPY =
      """
      import os
      source = os.open("from", os.O_RDONLY)
      target = os.open("to", os.O_RDWR | os.O_CREAT)
      at = 0
      while True:
          step = os.copy_file_range(source, target, 1 << 30, at, at)
          if step == 0:
              break
          at += step
      """;

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needMounts() {
    MountedImage.assumePossible();
  }

  @ParameterizedTest
  @ValueSource(strings = {"uring", "nouring"})
  void answersAreTheKernels(String transport) throws Exception {
    compare(TestScript.python("syscalls.py", temp), transport);
  }

  @ParameterizedTest
  @ValueSource(strings = {"uring", "nouring"})
  void timesChangeAsOnTheKernels(String transport) throws Exception {
    compare("chmod 777 . && " + TestScript.python("times.py", temp), transport);
  }

  @Test
  void privilegesAreLostAsOnTheKernels() throws Exception {
    ExternalTool.assumeInstalled("setpriv");
    ExternalTool.assumeInstalled("setcap");
    compare(
        "chmod 777 .\n"
            + PRIVILEGE_LOSS
                .replace("@@ ", UNPRIVILEGED.replace("clear-groups", "$groups"))
                .replace("@ ", UNPRIVILEGED),
        "uring");
  }

  @Test
  void defaultListsAreInheritedAsOnTheKernels() throws Exception {
    ExternalTool.assumeInstalled("setfacl");
    compare(DEFAULT_LISTS, "uring");
  }

  @Test
  void birthIsTold() throws Exception {
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      long before = Long.parseLong(mount.run("date +%s").strip());
      long born =
          Long.parseLong(
              mount.run("touch file; touch -d 2001-01-01 file; stat -c %W file").strip());
      assertTrue(born >= before - 1, born + " is before " + before);
    }
  }

  @Test
  void copiesStayInTheServerAndKeepHoles() throws Exception {
    ExternalTool.assumeInstalled("python3");
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "64M");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run(
          "truncate -s 40M from; for at in 0 7 8 39; do"
              + " dd if=/dev/urandom of=from bs=1M count=1 seek=$at conv=notrunc status=none; done;"
              + " sync from; python3 -c '"
              + COPY
              + "'; sync to; cmp from to");
      JsonNode stats = new ObjectMapper().readTree(MountStats.read(mount.directory()));
      assertTrue(stats.at("/requests/COPY_FILE_RANGE/count").asInt() > 0, stats::toString);
      assertEquals(mount.run("stat -c %b from"), mount.run("stat -c %b to"));
    }
    image.assertClean();
  }

  /** Neither the source's end nor the target's is where the disk has it. */
  @Test
  void whatWasJustWrittenIsCopied() throws Exception {
    ExternalTool.assumeInstalled("python3");
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "16M");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run("printf abcde > from; printf XYXYXYXY > to; python3 -c '" + COPY + "'");
      assertEquals("abcdeYXY", mount.run("cat to").strip());
      mount.run("printf fghijklm >> from; python3 -c '" + COPY + "'; cmp from to");
      String immutable = COPY.replace("at = 0", "at = 0; os.system(\"chattr +i to\")");
      String refused = mount.tryRun("printf no > from; python3 -c '" + immutable + "'").output();
      assertTrue(refused.contains("PermissionError"), refused);
      mount.run("chattr -i to; grep -q abcdefgh to");
    }
    image.assertClean();
  }

  @Test
  void freeSpaceIsDiscarded() throws Exception {
    ExternalTool.assumeInstalled("fstrim");
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "128M");
    try (MountedImage mount = MountedImage.mount(image.file(), temp.resolve("mount"))) {
      mount.run(
          "head -c 40M /dev/urandom > kept; head -c 40M /dev/urandom > gone;"
              + " sha256sum kept > sum; sync kept; sync gone; rm gone; sync .");
      assertTrue(allocatedBytes(image) > 80 << 20, "the deleted file has no blocks in the image");
      // Others allocate meanwhile.
      mount.run(
          "true\n"
              + "(for i in $(seq 40); do head -c 300K kept > new$i; done) & for i in 1 2 3; do"
              + " fstrim .; done; wait; for i in $(seq 40); do cmp -n 300K new$i kept || exit 1;"
              + " done; rm new*; sync .; fstrim -v . && sha256sum -c sum");
      assertTrue(allocatedBytes(image) < 60 << 20, allocatedBytes(image) + " bytes are allocated");
      assertEquals(1, mount.tryRun("chmod 777 .; " + UNPRIVILEGED + "fstrim .").exitCode());
    }
    image.assertClean();
  }

  private static long allocatedBytes(Ext4Image image) throws Exception {
    String sectors = ExternalTool.run("stat", "-c", "%b", image.file().toString()).strip();
    return Long.parseLong(sectors) * 512;
  }

  /** Runs a script on the kernel's mount of one image and on ours of another like it. */
  private void compare(String script, String transport) throws Exception {
    Ext4Image kernels = Ext4Image.make(temp.resolve("kernels"), "128M");
    Ext4Image ours = Ext4Image.make(temp.resolve("ours"), "128M");
    String expected;
    try (LoopMount mount = LoopMount.writable(kernels.file(), temp.resolve("kernel-mount"))) {
      expected = run(mount.directory(), script);
    }
    try (MountedImage mount =
        MountedImage.mount(ours.file(), temp.resolve("our-mount"), transport)) {
      assertEquals(expected, run(mount.directory(), script));
    }
    ours.assertClean();
    assertEquals(null, ours.header().get("FS Error count"), "what was asked for is no corruption");
  }

  private static String run(Path directory, String script) throws Exception {
    ExternalTool.Outcome outcome =
        ExternalTool.tryRun(List.of("sh", "-c", "cd " + directory + " && " + script));
    assertEquals(0, outcome.exitCode(), outcome.output());
    return outcome.output();
  }
}
