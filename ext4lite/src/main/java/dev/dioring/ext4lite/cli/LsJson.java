package dev.dioring.ext4lite.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dioring.ext4lite.fs.Ext4Volume;
import java.io.IOException;

/** An array of one object per entry. */
final class LsJson implements LsFormat {
  private final Ext4Volume volume;
  private final Output.JsonArray entries;

  LsJson(Ext4Volume volume, Output out) {
    this.volume = volume;
    entries = out.array();
  }

  @Override
  public void heading(String path) {}

  @Override
  public void entry(String directory, byte[] name, long inodeNr) throws IOException {
    ObjectNode node = named(directory, name);
    InodeReport.fill(node, volume.inode(inodeNr));
    entries.add(node);
  }

  @Override
  public void unreadable(String directory, byte[] name, long inodeNr, String why) {
    ObjectNode node = named(directory, name);
    node.put("inode", inodeNr);
    node.put("error", why);
    entries.add(node);
  }

  @Override
  public void end() {
    entries.end();
  }

  private static ObjectNode named(String directory, byte[] name) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("directory", directory);
    InodeReport.putName(node, "name", name);
    return node;
  }
}
