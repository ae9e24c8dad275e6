package dev.dioring.ext4lite.testimage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Seeded changes of a mounted image, each followed by a sync of what it changed, which the kernel
 * answers with fast commits where it can. When it ends, all of it is durable, so the files are what
 * any recovery has to show.
 */
public final class FastCommitWorkload implements CrashedImage.Workload {
  private static final int BYTES_MAX = 60_000;

  private static final int KINDS_MIN = 3;
  private static final int KINDS = 16;

  private final int changes;
  private final int[] kinds;
  private final Random random;
  private final List<Path> files = new ArrayList<>();
  private final List<Path> directories = new ArrayList<>();
  private final List<FileChannel> unnamed = new ArrayList<>();
  private final List<Map<String, FileFacts>> facts = new ArrayList<>();
  private final boolean recordsAll;
  private Path root = Path.of("/");
  private int made;

  /**
   * Makes a workload.
   *
   * @param recordsAll whether to note what the kernel shows after each sync, not only in the end
   */
  public FastCommitWorkload(int changes, long seed, boolean recordsAll) {
    this.changes = changes;
    this.recordsAll = recordsAll;
    random = new Random(seed);
    // Of some kinds of change the kernel makes whole commits: few kinds give more fast commits.
    kinds = random.ints(KINDS_MIN + random.nextInt(KINDS), 0, KINDS).toArray();
  }

  /** What the kernel showed, comparable: in the end, or after each sync. */
  public List<Map<String, FileFacts>> facts() {
    return facts;
  }

  @Override
  public void run(Path mounted) throws Exception {
    root = mounted;
    directories.add(mounted);
    for (int i = 0; i < 10; i++) {
      directories.add(Files.createDirectory(mounted.resolve("before" + i)));
      create();
    }
    for (Path file : files) {
      write(file);
    }
    ExternalTool.run("sync", "-f", mounted.toString());
    for (int i = 0; i < changes; i++) {
      change();
    }
    sync(Files.writeString(mounted.resolve("last"), "of all"));
    record();
  }

  /** Facts that fast commits tell: of directories they have no times and no size. */
  public static Map<String, FileFacts> comparable(Map<String, FileFacts> all) {
    FileFacts ofDirectories = new FileFacts();
    for (String fact : List.of("mode", "inode", "links", "uid", "gid")) {
      ofDirectories.put(fact, "");
    }
    Map<String, FileFacts> comparable = new TreeMap<>();
    all.forEach(
        (path, facts) ->
            comparable.put(
                path,
                facts.toString().contains("mode=4") ? facts.restrictedTo(ofDirectories) : facts));
    return comparable;
  }

  private void change() throws Exception {
    switch (kinds[random.nextInt(kinds.length)]) {
      case 0, 1, 2 -> create();
      case 3, 4, 5 -> write(any(files));
      case 6 -> truncate(any(files));
      case 7 -> punch(any(files));
      case 8 -> rename(any(files));
      case 9 -> link(any(files));
      case 10, 11 -> delete();
      case 12 -> makeDirectory();
      case 13 -> removeDirectory();
      case 14 -> attributes(any(files));
      default -> deleteOpen();
    }
  }

  private Path any(List<Path> all) throws Exception {
    if (all.isEmpty()) {
      Path file = Files.createFile(newName());
      files.add(file);
      sync(file);
    }
    return all.get(random.nextInt(all.size()));
  }

  private Path newName() throws Exception {
    return any(directories).resolve("n" + made++ + "-" + "x".repeat(random.nextInt(50)));
  }

  private void create() throws Exception {
    Path file = newName();
    if (random.nextInt(8) == 0) {
      Files.createSymbolicLink(file, Path.of("to/" + made + "y".repeat(random.nextInt(100))));
      sync(file.getParent());
      return;
    }
    byte[] content =
        new byte[random.nextInt(4) == 0 ? random.nextInt(150) : random.nextInt(BYTES_MAX)];
    random.nextBytes(content);
    Files.write(file, content);
    files.add(file);
    sync(file);
  }

  private void write(Path file) throws Exception {
    byte[] content = new byte[random.nextInt(BYTES_MAX)];
    random.nextBytes(content);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      int unused = channel.write(ByteBuffer.wrap(content), random.nextInt(8 * BYTES_MAX));
    }
    sync(file);
  }

  private void truncate(Path file) throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate((long) (channel.size() * random.nextDouble()));
    }
    sync(file);
  }

  private void punch(Path file) throws Exception {
    int from = random.nextInt(4 * BYTES_MAX);
    int length = 1 + random.nextInt(BYTES_MAX);
    String what = random.nextBoolean() ? "--punch-hole" : "--keep-size";
    ExternalTool.Outcome unused =
        ExternalTool.tryRun(
            List.of("fallocate", what, "-o", "" + from, "-l", "" + length, file.toString()));
    sync(file);
  }

  private void rename(Path file) throws Exception {
    Path target = random.nextInt(3) == 0 ? any(files) : newName();
    if (target.equals(file)) {
      return;
    }
    Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
    files.remove(file);
    files.remove(target);
    files.add(target);
    sync(target);
  }

  private void link(Path file) throws Exception {
    Path name = newName();
    Files.createLink(name, file);
    files.add(name);
    sync(name);
  }

  private void delete() throws Exception {
    Path file = any(files);
    Files.delete(file);
    files.remove(file);
    sync(random.nextBoolean() || files.isEmpty() ? file.getParent() : any(files));
  }

  private void deleteOpen() throws Exception {
    Path file = any(files);
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    unnamed.add(channel);
    Files.delete(file);
    files.remove(file);
    int unused = channel.write(ByteBuffer.allocate(random.nextInt(BYTES_MAX)), 5_000);
    channel.force(true);
    if (recordsAll) {
      record();
    }
  }

  private void makeDirectory() throws Exception {
    Path directory = Files.createDirectory(newName());
    directories.add(directory);
    sync(directory);
    for (int i = random.nextInt(3); i > 0; i--) {
      Path file = Files.writeString(directory.resolve("in" + made++), "content " + i);
      files.add(file);
      sync(file);
    }
  }

  private void removeDirectory() throws Exception {
    Path victim = any(directories);
    if (victim.equals(root)) {
      return;
    }
    try {
      Files.delete(victim);
      directories.remove(victim);
      sync(victim.getParent());
    } catch (DirectoryNotEmptyException e) {
      // Another time.
      sync(victim);
    }
  }

  private void attributes(Path file) throws Exception {
    Files.setPosixFilePermissions(
        file, PosixFilePermissions.fromString(random.nextBoolean() ? "rw-r-x--x" : "rwx------"));
    Files.setAttribute(file, "unix:uid", random.nextInt(70_000));
    Files.setLastModifiedTime(file, FileTime.fromMillis(random.nextInt()));
    sync(file);
  }

  private void sync(Path file) throws Exception {
    CrashedImage.commit(file);
    if (recordsAll) {
      record();
    }
  }

  private void record() throws Exception {
    facts.add(comparable(KernelFacts.of(root)));
  }

  @Override
  public void end() throws IOException {
    for (FileChannel channel : unnamed) {
      channel.close();
    }
  }
}
