package dev.dioring.ext4lite.fs;

import dev.dioring.bindings.Errno;
import dev.dioring.ext4lite.format.DirectoryHash;
import dev.dioring.ext4lite.format.Feature;
import dev.dioring.ext4lite.format.FileKind;
import dev.dioring.ext4lite.format.Inode;
import dev.dioring.ext4lite.format.InodeStamp;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of a volume as it was when it was looked up: its attributes, and the way to what it holds.
 * Immutable, except that directories, symlinks and extended attributes are read when asked for:
 * nobody may change them or remove the file meanwhile. {@link Ext4Namespace} is for files that
 * others change.
 */
public final class Ext4Inode {
  /** Number of the root directory. */
  public static final long ROOT_NR = 2;

  private final VolumeReader volume;
  private final long inodeNr;
  private final Inode inode;
  private final FileKind kind;

  Ext4Inode(VolumeReader volume, long inodeNr, Inode inode) {
    this.volume = volume;
    this.inodeNr = inodeNr;
    this.inode = inode;
    kind = Objects.requireNonNull(inode.kind(), "an inode that was checked has a kind");
  }

  public long inodeNr() {
    return inodeNr;
  }

  public FileKind kind() {
    return kind;
  }

  public boolean isDirectory() {
    return kind == FileKind.DIRECTORY;
  }

  /** Kind and permissions, as st_mode has them. */
  public int mode() {
    return inode.mode();
  }

  public long uid() {
    return inode.uid();
  }

  public long gid() {
    return inode.gid();
  }

  public long projectId() {
    return inode.projectId();
  }

  /** Number of names; 1 for a directory with more than 64,998 subdirectories. */
  public int linksCount() {
    return inode.linksCount();
  }

  public long sizeBytes() {
    boolean wide = kind == FileKind.REGULAR || volume.has(Feature.LARGEDIR);
    return wide ? inode.size() : inode.sizeLow();
  }

  /** Space it takes on the volume, in units of 512 bytes. */
  public long sectors() {
    return inode.sectors(volume.has(Feature.HUGE_FILE), volume.context().groups().blockSizeBytes());
  }

  public Instant accessTime() {
    return instant(InodeStamp.ACCESS);
  }

  public Instant modificationTime() {
    return instant(InodeStamp.MODIFICATION);
  }

  public Instant changeTime() {
    return instant(InodeStamp.CHANGE);
  }

  /** When it was made, or null where the inodes are too small to say. */
  public @Nullable Instant creationTime() {
    return inode.has(InodeStamp.CREATION) ? instant(InodeStamp.CREATION) : null;
  }

  /** i_flags, as lsattr shows them; see the FLAG constants of {@link Inode}. */
  public int flags() {
    return inode.flags();
  }

  /** Told apart from earlier files with the same number. */
  public int generation() {
    return inode.generation();
  }

  /** i_version, a counter of changes. */
  public long version() {
    return inode.version();
  }

  /** Major number of a device. */
  public int deviceMajor() {
    return inode.deviceMajor();
  }

  /** Minor number of a device. */
  public int deviceMinor() {
    return inode.deviceMinor();
  }

  /** Whether its content lies in the inode itself. */
  public boolean isInline() {
    return inode.has(Inode.FLAG_INLINE_DATA);
  }

  /** Whether its content and the names in it are encrypted; they are not decrypted. */
  public boolean isEncrypted() {
    return inode.has(Inode.FLAG_ENCRYPT);
  }

  /**
   * Opens it as a directory, at the first entry.
   *
   * @throws Ext4Exception ENOTDIR, EUCLEAN, EIO
   */
  public DirectoryCursor openDirectory() throws Ext4Exception {
    requireDirectory("listing");
    try {
      return DirectoryCursor.of(volume, this);
    } catch (IOException e) {
      throw volume.errors().explain("listing " + describe(), inodeNr, e);
    }
  }

  /**
   * Finds a name in it; in a directory that ignores case, however it is spelled.
   *
   * @return the number of the inode named, or 0 if there is none
   * @throws Ext4Exception ENOTDIR, ENAMETOOLONG, EUCLEAN, EIO
   */
  public long lookUp(String name) throws Ext4Exception {
    requireDirectory("looking up " + name + " in");
    try {
      return new DirectoryLookup(volume, this).find(FileName.encode(name));
    } catch (IOException e) {
      throw volume.errors().explain("looking up " + name + " in " + describe(), inodeNr, e);
    }
  }

  /**
   * Reads a symbolic link.
   *
   * @throws Ext4Exception EINVAL if it is none, ENOKEY if it is encrypted, EUCLEAN, EIO
   */
  public String readSymlink() throws Ext4Exception {
    return FileName.decode(readSymlinkBytes());
  }

  /** The same as it is on disk. */
  public byte[] readSymlinkBytes() throws Ext4Exception {
    String what = "reading the link " + describe();
    if (kind != FileKind.SYMLINK) {
      throw new Ext4Exception(what, Errno.EINVAL, "it is not a symbolic link");
    }
    if (isEncrypted()) {
      throw new Ext4Exception(what, Errno.ENOKEY, "it is encrypted");
    }
    try {
      return SymlinkTarget.read(volume, this);
    } catch (IOException e) {
      throw volume.errors().explain(what, inodeNr, e);
    }
  }

  /** The names of its extended attributes, with their prefixes. */
  public List<String> xattrNames() throws Ext4Exception {
    try {
      return new Xattrs(volume, this).names();
    } catch (IOException e) {
      throw volume.errors().explain("listing the attributes of " + describe(), inodeNr, e);
    }
  }

  /**
   * The value of an extended attribute, or null if it has none of this name. ACLs come in the form
   * that getxattr gives.
   */
  public byte @Nullable [] xattr(String name) throws Ext4Exception {
    try {
      return new Xattrs(volume, this).value(name);
    } catch (IOException e) {
      throw volume
          .errors()
          .explain("reading the attribute " + name + " of " + describe(), inodeNr, e);
    }
  }

  @Override
  public String toString() {
    return kind + " " + describe();
  }

  /** The copy of what is on disk. */
  Inode raw() {
    return inode;
  }

  /** The form in which an encrypted name in this directory is shown. */
  byte[] showEncrypted(byte[] ciphertext) {
    int version = volume.context().superblock().defaultHashVersion();
    boolean hashed =
        volume.has(Feature.DIR_INDEX)
            && !inode.has(Inode.FLAG_CASEFOLD)
            && DirectoryHash.isKnown(version)
            && (inode.has(Inode.FLAG_INDEX)
                || isInline()
                || sizeBytes() == volume.context().groups().blockSizeBytes());
    return EncryptedName.show(ciphertext, hashed ? volume.hash().hashes(version, ciphertext) : 0);
  }

  FileMap map() {
    return inode.has(Inode.FLAG_EXTENTS)
        ? new ExtentTree(volume.context(), inode, inodeNr)
        : new IndirectMap(volume.context(), inode, inodeNr);
  }

  private void requireDirectory(String what) throws Ext4Exception {
    if (!isDirectory()) {
      throw new Ext4Exception(
          what + " " + describe(), Errno.ENOTDIR, "it is not a directory but a " + kind);
    }
  }

  private String describe() {
    return "inode " + inodeNr + " of " + volume.name();
  }

  private Instant instant(InodeStamp stamp) {
    return Instant.ofEpochSecond(inode.seconds(stamp), inode.nanos(stamp));
  }
}
