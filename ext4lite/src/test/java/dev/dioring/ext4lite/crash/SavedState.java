package dev.dioring.ext4lite.crash;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A state in a file. The moments of a recorded workload differ from run to run, so a seed alone
 * does not bring a state back; this does.
 */
final class SavedState {
  private SavedState() {}

  /** Saves a state. @return the file, in a directory that is made */
  static Path save(CrashState state, Path directory, String name) throws IOException {
    Path file = Files.createDirectories(directory).resolve(name + ".state");
    long length = state.image().lengthBytes();
    MemorySegment image = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    state.image().copyTo(image);
    try (DataOutputStream out =
        new DataOutputStream(new DeflaterOutputStream(Files.newOutputStream(file)))) {
      out.writeUTF(state.what());
      out.writeInt(state.cut());
      out.writeBoolean(state.journaled());
      out.writeInt(state.oracles().size());
      for (Oracle oracle : state.oracles()) {
        oracle.write(out);
      }
      out.writeInt((int) length);
      out.write(image.toArray(ValueLayout.JAVA_BYTE));
    }
    return file;
  }

  static CrashState load(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new InflaterInputStream(Files.newInputStream(file)))) {
      String what = in.readUTF();
      int cut = in.readInt();
      boolean journaled = in.readBoolean();
      int count = in.readInt();
      List<Oracle> oracles = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        oracles.add(Oracle.read(in));
      }
      byte[] image = in.readNBytes(in.readInt());
      return new CrashState(what, cut, journaled, oracles, content(image));
    }
  }

  private static CrashState.Content content(byte[] image) {
    return new CrashState.Content() {
      @Override
      public long lengthBytes() {
        return image.length;
      }

      @Override
      public void copyTo(MemorySegment target) {
        target.copyFrom(MemorySegment.ofArray(image));
      }
    };
  }
}
