package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Mounts;
import dev.dioring.engine.block.Region;
import dev.dioring.ext4lite.fs.AccessTimes;
import dev.dioring.ext4lite.fs.OnError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows -o. */
class MountOptionsTest {
  @Test
  void defaultsAreThoseOfExt4() {
    MountOptions options = parse("");
    assertFalse(options.readOnly());
    assertEquals(Region.WHOLE, options.region());
    assertEquals(0, options.commitSeconds());
    assertEquals(null, options.behaviour().onError());
    assertEquals(null, options.behaviour().barrier());
    assertEquals(AccessTimes.RELATIVE, options.behaviour().accessTimes());
    assertTrue(options.acl() && options.userXattrs());
    assertEquals(List.of("rw", "nosuid", "nodev"), options.flagNames());
    assertEquals(Mounts.MS_NOSUID | Mounts.MS_NODEV, options.mountFlags());
  }

  @Test
  void optionsOfTheVolumeAreRead() {
    MountOptions options =
        parse("errors=panic,nobarrier,commit=30,norecovery,discard,partition=2,noacl,nouser_xattr");
    assertEquals(OnError.PANIC, options.behaviour().onError());
    assertEquals(false, options.behaviour().barrier());
    assertEquals(true, options.behaviour().discard());
    assertEquals(30, options.commitSeconds());
    assertTrue(options.noLoad());
    assertEquals(new Region.Numbered(2), options.region());
    assertFalse(options.acl() || options.userXattrs());
    assertEquals(new Region.From(1 << 20), parse("offset=1048576").region());
    assertEquals(OnError.REMOUNT_RO, parse("errors=remount-ro").behaviour().onError());
  }

  @Test
  void theLastOfTwoCounts() {
    MountOptions options = parse("ro,rw,barrier=0,barrier,noatime,atime,noacl,acl,sync,async");
    assertFalse(options.readOnly());
    assertEquals(true, options.behaviour().barrier());
    assertEquals(AccessTimes.RELATIVE, options.behaviour().accessTimes());
    assertTrue(options.acl());
    assertFalse(options.behaviour().syncAll());
  }

  @Test
  void timesOfAccessFollowTheFlags() {
    assertEquals(AccessTimes.NEVER, parse("noatime").behaviour().accessTimes());
    assertEquals(AccessTimes.NEVER, parse("noatime").behaviour().directoryAccessTimes());
    assertEquals(AccessTimes.ALWAYS, parse("strictatime").behaviour().accessTimes());
    assertEquals(AccessTimes.RELATIVE, parse("nodiratime").behaviour().accessTimes());
    assertEquals(AccessTimes.NEVER, parse("nodiratime").behaviour().directoryAccessTimes());
    assertTrue(parse("sync").behaviour().syncDirectories());
    assertTrue(parse("dirsync").behaviour().syncDirectories());
    assertFalse(parse("dirsync").behaviour().syncAll());
  }

  @Test
  void ownersAreMapped() {
    Owner owner = parse("uid=1000").owner();
    assertEquals(1000, owner.shownUid(0));
    assertEquals(5, owner.shownGid(5));
    assertTrue(owner.isMapped());
    assertFalse(parse("").owner().isMapped());
  }

  @ParameterizedTest
  @CsvSource({
    "bogus=1, unknown mount option bogus=1",
    "noatim, did you mean noatime?",
    "error=panic, did you mean errors?",
    "errors=explode, 'it is continue, remount-ro or panic'",
    "commit=soon, not a number",
    "commit=-1, not a number from 0 to 3600",
    "commit, needs a value",
    "ro=1, takes no value",
    "uid=4294967295, not a number",
    "offset=9223372036854775808, not a number",
    "barrier=2, not a number from 0 to 1",
    "data=journal, unknown mount option",
  })
  void whatIsWrongIsNamed(String option, String mention) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> parse("ro," + option));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(mention), message);
  }

  private static MountOptions parse(String list) {
    return MountOptions.parse(List.of(list), true);
  }
}
