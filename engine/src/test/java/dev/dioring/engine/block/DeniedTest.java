package dev.dioring.engine.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Errno;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes in which a seccomp filter denies io_uring, or a part of it. */
@Timeout(120)
class DeniedTest {
  /** The same numbers on every architecture. */
  private static final int IO_URING_SETUP = 425;

  private static final int IO_URING_ENTER = 426;
  private static final int IO_URING_REGISTER = 427;

  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.write(directory.resolve("file"), new byte[16 << 10]);
    // Where a file cannot start I/O without waiting, system calls are chosen anyway.
    try (BlockDevice device = BlockDevices.open(file, OpenOptions.DEFAULT)) {
      Assumptions.assumeTrue(
          device.capabilities().backend().equals("uring"), device.capabilities()::reason);
    }
  }

  @ParameterizedTest
  @CsvSource({
    IO_URING_SETUP + "," + Errno.EPERM + ",EPERM",
    IO_URING_SETUP + "," + Errno.ENOSYS + ",ENOSYS",
    IO_URING_ENTER + "," + Errno.EPERM + ",EPERM"
  })
  void systemCallsServeTheDeviceAndItSaysWhy(int call, int errno, String name) throws Exception {
    String said = run(call, errno, OpenOptions.Backend.AUTO);
    assertTrue(said.contains("backend=sync"), said);
    assertTrue(said.contains("io_uring is not available: " + name), said);
    assertEquals(7, Files.readAllBytes(file)[4096]);
  }

  @Test
  void askingForTheRingFailsAndSaysWhatMayForbidIt() throws Exception {
    String said = run(IO_URING_SETUP, Errno.EPERM, OpenOptions.Backend.URING);
    assertTrue(said.contains("EPERM"), said);
    assertTrue(said.contains("seccomp") && said.contains("kernel.io_uring_disabled"), said);
  }

  @ParameterizedTest
  @CsvSource({Errno.ENOMEM + "", Errno.EPERM + ""})
  void aRingThatRegistersNothingServesTheDevice(int errno) throws Exception {
    // ENOMEM is what a small limit of locked memory answers.
    String said = run(IO_URING_REGISTER, errno, OpenOptions.Backend.URING);
    assertTrue(said.contains("backend=uring"), said);
    assertFalse(said.contains("fixed"), said);
    assertEquals(7, Files.readAllBytes(file)[4096]);
  }

  private String run(int systemCall, int errno, OpenOptions.Backend backend) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DeniedProcess.class.getName(),
                Integer.toString(systemCall),
                Integer.toString(errno),
                file.toString(),
                backend.name())
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int status = process.waitFor();
    Assumptions.assumeFalse(output.contains("is refused"), "no seccomp filters here: " + output);
    assertEquals(0, status, output);
    List<String> lines = output.lines().toList();
    return lines.get(lines.size() - 1);
  }
}
