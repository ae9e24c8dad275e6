package dev.dioring.ext4lite.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dioring.ext4lite.testimage.Ext4Image;
import dev.dioring.ext4lite.testimage.RawDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ls, stat, info and xattr print. */
class ListingTest {
  /**
   * An escape sequence, a line feed and a byte that is no UTF-8, as debugfs and Latin-1 have it.
   */
  private static final String ODD = "odd\u001b[31m\u00ff\\";

  private @TempDir Path directory;
  private Path file = Path.of("");
  private Ext4Image image = Ext4Image.of(Path.of(""));

  @BeforeEach
  void makeImage() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(content.resolve("file"), "content");
    Files.createFile(content.resolve("with space"));
    Files.createFile(content.resolve("caf\u00e9"));
    Files.createFile(Files.createDirectories(content.resolve("a/b")).resolve("deep"));
    Files.createDirectory(content.resolve("z"));
    Files.createSymbolicLink(content.resolve("link"), Path.of("a/b"));
    file = directory.resolve("disk.img");
    image =
        Ext4Image.populated(
            file, "4M", content, "-b", "1024", "-O", "^has_journal,^metadata_csum", "-N", "64");
    image.debugfsWrite(
        "mknod null c 1 3", "ea_set /file user.text value", "ea_set /file user.raw \u00ff");
  }

  @Test
  void namesAreSortedByTheirBytes() {
    assertEquals(
        List.of("a", "caf\u00c3\u00a9", "file", "link", "lost+found", "null", "with space", "z"),
        CliRun.of("ls", file).succeeded().lines());
    List<String> unsorted = new ArrayList<>(CliRun.of("ls", "-aU", file).succeeded().lines());
    assertEquals(List.of(".", ".."), unsorted.subList(0, 2));
    assertEquals(10, unsorted.size());
    assertEquals(List.of("deep"), CliRun.of("ls", file, "/link").succeeded().lines());
    assertEquals(List.of("/file"), CliRun.of("ls", file, "/file").succeeded().lines());
  }

  @Test
  void longListings() {
    List<String> lines = CliRun.of("ls", "-l", file).succeeded().lines();
    assertTrue(lines.get(0).matches("drwx.{6} +3 +\\d+ +\\d+ +1024 [-0-9]{10} [:0-9]{5} a"));
    assertTrue(lines.get(3).matches("lrwx.* 3 .* link -> a/b"), lines.get(3));
    assertTrue(lines.get(5).matches("c.* 1, 3 .* null"), lines.get(5));
    assertTrue(CliRun.of("ls", "-l", file, "/link").succeeded().out().endsWith("/link -> a/b\n"));
  }

  @Test
  void trees() {
    assertEquals(
        List.of("/a:", "b", "", "/a/b:", "deep"),
        CliRun.of("ls", "-R", file, "/a").succeeded().lines());
    List<String> all = CliRun.of("ls", "-R", file).succeeded().lines();
    assertTrue(all.indexOf("/a/b:") > all.indexOf("/a:"), all.toString());
    assertTrue(all.indexOf("/z:") > all.indexOf("/lost+found:"), all.toString());
  }

  @Test
  void oddNamesHarmNoTerminal() throws Exception {
    image.debugfsWrite("write /dev/null \"" + ODD.replace("\\", "") + "\"");
    String raw = CliRun.of("ls", file).succeeded().out();
    assertTrue(raw.contains("odd\u001b[31m\u00ff\n"), raw);
    String shown = CliRun.onTerminal("ls", file).succeeded().out();
    assertTrue(shown.contains("odd\\033[31m\\377\n"), shown);
    assertTrue(shown.contains("caf\u00c3\u00a9\n"), shown);
    JsonNode entry = find(CliRun.of("ls", "--json", file).succeeded().json(), "odd");
    assertEquals("odd\u001b[31m\ufffd", entry.get("name").asText());
    assertEquals("6f64641b5b33316dff", entry.get("nameHex").asText());
  }

  @Test
  void everyJsonReportIsValid() throws Exception {
    JsonNode entries = CliRun.of("ls", "--json", "-R", file).succeeded().json();
    assertEquals(10, entries.size());
    assertEquals("/a/b", find(entries, "deep").get("directory").asText());
    assertEquals(7, find(entries, "file").get("size").asInt());
    assertEquals("a/b", find(entries, "link").get("target").asText());
    assertEquals("1:3", find(entries, "null").get("device").asText());
    assertEquals(0, CliRun.of("ls", "--json", file, "/z").succeeded().json().size());
    assertEquals(1, CliRun.of("ls", "--json", file, "/file").succeeded().json().size());
    assertEquals(
        7, CliRun.of("stat", "--json", file, "/file").succeeded().json().get("size").asInt());
    JsonNode info = CliRun.of("info", "--json", file).succeeded().json();
    assertEquals(1024, info.get("blockSize").asInt());
    assertEquals(4096, info.get("blockCount").asInt());
  }

  @Test
  void statShowsTheLinkItself() {
    String link = CliRun.of("stat", file, "/link").succeeded().out();
    assertTrue(link.contains("File: /link -> a/b\n") && link.contains("symlink"), link);
    String device = CliRun.of("stat", file, "/null").succeeded().out();
    assertTrue(device.contains("Device: 1:3"), device);
  }

  @Test
  void attributesAreShownAsTextOrHexadecimal() {
    assertEquals(
        List.of("user.raw=0xff", "user.text=\"value\""),
        CliRun.of("xattr", file, "/file").succeeded().lines().stream().sorted().toList());
    assertEquals("value", CliRun.of("xattr", "-n", "user.text", file, "/file").succeeded().out());
    assertEquals("", CliRun.of("xattr", file, "/z").succeeded().out());
  }

  @Test
  void longDirectoriesAreListedWhole() throws Exception {
    List<String> names = IntStream.range(10_000, 20_000).mapToObj(i -> "name-" + i).toList();
    RawDirectory.add(image, "many", names, 1024, directory.resolve("scratch"));
    assertEquals(names, CliRun.of("ls", file, "/many").succeeded().lines());
    assertEquals(10_000, CliRun.of("ls", "--json", file, "/many").succeeded().json().size());
  }

  @Test
  void whatCannotBeReadIsToldAndSkipped() throws Exception {
    image.debugfsWrite("set_inode_field /file links_count 0");
    CliRun names = CliRun.of("ls", file).succeeded();
    assertEquals(8, names.lines().size());
    CliRun run = CliRun.of("ls", "-l", file).failed(ExitStatus.DATA, "i_links_count");
    assertEquals(8, run.lines().size());
    assertTrue(run.lines().get(2).matches("\\?{10} .* file"), run.out());
    run = CliRun.of("ls", "--json", file).failed(ExitStatus.DATA, "i_links_count");
    assertTrue(find(run.json(), "file").get("error").asText().contains("i_links_count"));
  }

  @Test
  void directoriesThatContainThemselvesAreListedOnce() throws Exception {
    image.debugfsWrite("link /a /a/b/again", "set_inode_field /z size 512");
    CliRun run = CliRun.of("ls", "-R", file);
    assertEquals(ExitStatus.DATA, run.exit());
    assertEquals(2, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("/a/b/again is directory"), run.err());
    assertTrue(run.err().contains("i_size"), run.err());
    assertEquals(1, run.lines().stream().filter(line -> line.equals("deep")).count());
    assertFalse(run.out().contains("/a/b/again/b"), run.out());
  }

  private static JsonNode find(JsonNode entries, String name) {
    for (JsonNode entry : entries) {
      if (entry.get("name").asText().startsWith(name)) {
        return entry;
      }
    }
    throw new AssertionError("no " + name + " in " + entries);
  }
}
