"""What is answered in the current directory once its filesystem was shut down, as on every ext4."""
import errno
import fcntl
import mmap
import os
import struct

SHUT_DOWN, TRUNCATED, SET_FLAGS = 0x8004587D, 1, 0x40086602


def attempt(what, call, *arguments):
    try:
        print(what, call(*arguments))
    except OSError as e:
        print(what, errno.errorcode[e.errno])


here = os.open(".", os.O_RDONLY)
with open("file", "w") as made:
    made.write("content")
os.mkdir("empty")
os.symlink("file", "link")
os.setxattr("file", "user.a", b"1")
file = os.open("file", os.O_RDWR)
direct = os.open("file", os.O_RDWR | os.O_DIRECT)
page = mmap.mmap(-1, 4096)
flag = struct.pack("I", 0)

attempt("shut down", fcntl.ioctl, here, SHUT_DOWN, flag)
attempt("once more", fcntl.ioctl, here, SHUT_DOWN, flag)
attempt("write", os.pwrite, file, b"x", 0)
attempt("direct write", os.pwritev, direct, [page], 0)
attempt("direct read", os.preadv, direct, [page], 0)
attempt("open", os.open, "file", os.O_RDONLY)
attempt("truncate", os.ftruncate, file, TRUNCATED)
attempt("preallocation", os.posix_fallocate, file, 0, 8192)
attempt("copy", os.copy_file_range, file, direct, 4, 0, 8)
attempt("fsync", os.fsync, file)
attempt("fdatasync", os.fdatasync, file)
attempt("fsync of a directory", os.fsync, here)
attempt("mkdir", os.mkdir, "new")
attempt("create", os.open, "new", os.O_CREAT | os.O_RDWR)
attempt("mkfifo", os.mkfifo, "new")
attempt("symlink", os.symlink, "file", "new")
attempt("link", os.link, "file", "new")
attempt("file without a name", os.open, ".", os.O_TMPFILE | os.O_RDWR)
attempt("rename", os.rename, "file", "new")
attempt("unlink", os.unlink, "file")
attempt("rmdir", os.rmdir, "empty")
attempt("chmod", os.chmod, "file", 0o600)
attempt("utime", os.utime, "file")
attempt("setxattr", os.setxattr, "file", "user.b", b"1")
attempt("removexattr", os.removexattr, "file", "user.a")
attempt("getxattr", os.getxattr, "file", "user.a")
attempt("set flags", fcntl.ioctl, file, SET_FLAGS, struct.pack("Q", 0x80))
attempt("listxattr", os.listxattr, "file")
attempt("readlink", os.readlink, "link")
attempt("stat", lambda: os.stat("file").st_size)
attempt("look-up", os.stat, "none")
attempt("list", lambda: sorted(os.listdir(".")))
attempt("statfs", lambda: os.statvfs(".").f_bsize)
