package dev.dioring.ext4lite.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.ext4lite.fs.Ext4Volume;
import dev.dioring.ext4lite.fs.VolumeOptions;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.ExternalTool;
import dev.dioring.ext4lite.testimage.LoopMount;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills the server of a mount while programs write, and looks for every file that they had synced,
 * after our recovery and after that of e2fsck.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class MountKillTest {
  private static final long SEED = Long.getLong("dioring.crash.seed", 42);
  private static final int FILES_MIN = 20;
  private static final int FILES_SPREAD = 60;
  private static final int SIGKILL_STATUS = 128 + 9;

  /** Says the name of each file once it and its name are durable; ends when the mount does. */
  private static final String LOAD =
      """
      cd MOUNT || exit 1
      work() {
        i=0
        while i=$((i + 1)); do
          seq $i $((i + 3000)) > w$1-$i.new && sync w$1-$i.new && mv w$1-$i.new w$1-$i &&
            mkdir d$1-$i && : > d$1-$i/f && sync . && echo $1 $i || exit
          rm -r d$1-$i || exit
          dd if=w$1-$i of=direct$1 bs=4k oflag=direct,append conv=notrunc status=none || exit
          truncate -s $((i * 777)) direct$1 || exit
        done
      }
      work 1 & work 2 & work 3 & wait
      """;

  private static final String CHECK =
      """
      while read w i; do
        seq $i $((i + 3000)) | cmp - DIRECTORY/w$w-$i || exit 1
      done
      """;

  @TempDir Path temp = Path.of("");

  @BeforeEach
  void needMounts() {
    MountedImage.assumePossible();
  }

  @ParameterizedTest
  @ValueSource(strings = {"uring", "nouring"})
  void syncedFilesSurviveAKill(String transport) throws Exception {
    if (transport.equals("uring")) {
      RingsEnabled rings = RingsEnabled.open();
      try {
        killAndLook(transport);
      } finally {
        rings.close();
      }
    } else {
      killAndLook(transport);
    }
  }

  private void killAndLook(String transport) throws Exception {
    int files = FILES_MIN + new SplittableRandom(SEED).nextInt(FILES_SPREAD);
    String which = transport + ", killed after " + files + " files, seed " + SEED;
    Ext4Image image = Ext4Image.make(temp.resolve("image"), "64M");
    Path directory = Files.createDirectory(temp.resolve("mount"));
    List<String> durable = writeAndKill(image.file(), directory, transport, files, which);
    Path second = temp.resolve("second");
    Files.copy(image.file(), second, StandardCopyOption.REPLACE_EXISTING);

    try (Ext4Volume volume = Ext4Volume.open(image.file(), VolumeOptions.READ_WRITE)) {
      assertTrue(volume.isWritable(), volume::readOnlyReason);
    }
    image.assertClean();
    assertAllThere(image.file(), durable, which);
    ExternalTool.Outcome repair = ExternalTool.tryRun(List.of("e2fsck", "-fy", second.toString()));
    assertTrue(repair.exitCode() <= 1, () -> which + ": " + repair.output());
    assertAllThere(second, durable, which);
  }

  /** Returns what the programs said to be durable. */
  private List<String> writeAndKill(
      Path image, Path directory, String transport, int files, String which) throws Exception {
    Process server = serve(image, directory, transport);
    List<String> durable = new ArrayList<>();
    Process load = null;
    try {
      awaitMount(server, which);
      load = new ProcessBuilder("sh", "-c", LOAD.replace("MOUNT", directory.toString())).start();
      drop(load.getErrorStream());
      try (BufferedReader output = reader(load.getInputStream())) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          durable.add(line);
          if (durable.size() == files) {
            server.toHandle().destroyForcibly();
          }
        }
      }
      assertTrue(durable.size() >= files, which + ": only " + durable.size());
      assertEquals(SIGKILL_STATUS, server.waitFor(), which);
    } finally {
      server.destroyForcibly().waitFor();
      ExternalTool.Outcome unused =
          ExternalTool.tryRun(List.of("umount", "-l", directory.toString()));
      if (load != null) {
        load.destroyForcibly().waitFor();
      }
    }
    return durable;
  }

  private static Process serve(Path image, Path directory, String transport) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.dioring.ext4lite.cli.Main",
            "mount",
            "-f",
            "-v",
            "--buffered",
            "-o",
            transport,
            image.toString(),
            directory.toString())
        .start();
  }

  private static void awaitMount(Process server, String which) throws IOException {
    BufferedReader messages = reader(server.getErrorStream());
    StringBuilder said = new StringBuilder();
    String line = messages.readLine();
    while (line != null && !line.contains(" is mounted on ")) {
      said.append(line).append('\n');
      line = messages.readLine();
    }
    assertTrue(line != null, () -> which + ": " + said);
    drop(server.getErrorStream());
  }

  /** Keeps a process from waiting for a reader of its messages. */
  private static void drop(InputStream messages) {
    Thread unused =
        Thread.ofPlatform()
            .daemon(true)
            .start(
                () -> {
                  try {
                    long unusedBytes = messages.transferTo(java.io.OutputStream.nullOutputStream());
                  } catch (IOException e) {
                    // The process has ended.
                  }
                });
  }

  private void assertAllThere(Path image, List<String> durable, String which) throws Exception {
    byte[] names = (String.join("\n", durable) + "\n").getBytes(UTF_8);
    try (LoopMount mount = LoopMount.readOnly(image, temp.resolve("check"))) {
      String check = CHECK.replace("DIRECTORY", mount.directory().toString());
      ExternalTool.Outcome outcome = ExternalTool.tryRun(List.of("sh", "-c", check), names);
      assertEquals(0, outcome.exitCode(), () -> which + ": " + outcome.output());
    }
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, UTF_8));
  }
}
