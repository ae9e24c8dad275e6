package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** What a mode leaves of a default access list, and the list of the mode. */
class AclInheritanceTest {
  private static final int USER_OBJ = 1;
  private static final int USER = 2;
  private static final int GROUP_OBJ = 4;
  private static final int MASK = 16;
  private static final int OTHER = 32;

  @Test
  void listWithoutNamesIsTheMode() {
    byte[] list = list(USER_OBJ, 7, 0, GROUP_OBJ, 5, 0, OTHER, 1, 0);
    AclInheritance inherited = AclInheritance.limited(list, 0100666);
    assertEquals(0100640, inherited.mode());
    assertNull(inherited.access());
  }

  @Test
  void maskStandsForTheGroupAndLimitsNames() {
    byte[] list = list(USER_OBJ, 7, 0, USER, 7, 1000, GROUP_OBJ, 7, 0, MASK, 6, 0, OTHER, 5, 0);
    AclInheritance inherited = AclInheritance.limited(list, 0100644);
    assertEquals(0100644, inherited.mode());
    assertArrayEquals(
        list(USER_OBJ, 6, 0, USER, 7, 1000, GROUP_OBJ, 7, 0, MASK, 4, 0, OTHER, 4, 0),
        inherited.access());
  }

  /** Tag, permissions and id of each entry. */
  private static byte[] list(int... fields) {
    ByteBuffer out =
        ByteBuffer.allocate(4 + fields.length / 3 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
    for (int i = 0; i < fields.length; i += 3) {
      out.putShort((short) fields[i]).putShort((short) fields[i + 1]).putInt(fields[i + 2]);
    }
    return out.array();
  }
}
