package dev.dioring.ext4lite.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dioring.bindings.Mounts;
import dev.dioring.engine.block.Region;
import dev.dioring.ext4lite.fs.AccessTimes;
import dev.dioring.ext4lite.fs.Ext4Options;
import dev.dioring.ext4lite.fs.ReserveOwner;
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
    assertEquals(Ext4Options.NONE, options.behaviour().options());
    assertEquals(AccessTimes.RELATIVE, options.behaviour().accessTimes());
    assertEquals(List.of("rw", "nosuid", "nodev"), options.flagNames());
    assertEquals(Mounts.MS_NOSUID | Mounts.MS_NODEV, options.mountFlags());
  }

  @Test
  void optionsOfTheVolumeAreRead() {
    MountOptions options =
        parse("errors=panic,nobarrier,commit=30,norecovery,discard,partition=2,noacl,nouser_xattr");
    Ext4Options chosen = options.behaviour().options();
    assertEquals(
        Ext4Options.of("errors=panic,barrier=0,commit=30,discard,noacl,nouser_xattr"), chosen);
    assertTrue(options.noLoad());
    assertEquals(new Region.Numbered(2), options.region());
    assertFalse(chosen.acl() || chosen.userXattrs());
    assertEquals(new Region.From(1 << 20), parse("offset=1048576").region());
  }

  @Test
  void theLastOfTwoCounts() {
    MountOptions options = parse("ro,rw,barrier=0,barrier,noatime,atime,noacl,acl,sync,async");
    assertFalse(options.readOnly());
    assertEquals(Ext4Options.of("barrier,acl"), options.behaviour().options());
    assertEquals(AccessTimes.RELATIVE, options.behaviour().accessTimes());
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
    "data=journal, 'not supported: contents are not logged'",
    "data=order, there is no such mode",
    "usrjquota=aquota.user, tune2fs -O quota",
    "sb=32768, e2fsck -b",
    "nobariers, did you mean nobarrier?",
    "stripe, needs a value",
    "grpid=1, takes no value",
  })
  void whatIsWrongIsNamed(String option, String mention) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> parse("ro," + option));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(mention), message);
  }

  @Test
  void whatExt4HasIsAccepted() {
    MountOptions usual =
        parse(
            "defaults,user_xattr,acl,barrier=1,journal_checksum,journal_async_commit,delalloc,"
                + "stripe=16,inode_readahead_blks=32,init_itable=10,noinit_itable,min_batch_time=0,"
                + "max_batch_time=15000,auto_da_alloc,noauto_da_alloc,block_validity,dioread_nolock,"
                + "i_version,resuid=1000,resgid=77,bsddf,debug,nombcache,data=writeback,data=ordered,"
                + "usrquota,grpquota,x-systemd.automount,X-mount.mkdir,_netdev,user=joe,nofail");
    Ext4Options chosen = usual.behaviour().options();
    assertTrue(chosen.acl() && chosen.userXattrs());
    assertEquals(new ReserveOwner(1000, 77), chosen.reserveOwner());
    assertEquals(List.of("rw", "nosuid", "nodev"), usual.flagNames());
  }

  private static MountOptions parse(String list) {
    return MountOptions.parse(List.of(list), true);
  }
}
