"""Which times system calls change in the current directory: the same on every ext4."""
import ctypes
import errno
import fcntl
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
KEEP, PUNCH_HOLE, ZERO_RANGE = 1, 2, 16
SET_FLAGS = 0x40086602
EXTENTS, NODUMP, IMMUTABLE = 0x80000, 0x40, 0x10


def times(name):
    status = os.lstat(name)
    return status.st_mtime_ns, status.st_ctime_ns


def tick():
    """Until the time that is put on files is a later one."""
    with open("clock", "w") as clock:
        os.write(clock.fileno(), b"x")
        before = times("clock")
        while times("clock") == before:
            os.fchmod(clock.fileno(), 0o600)
            os.utime("clock")


def show(what, call, *names):
    before = [times(name) if os.path.lexists(name) else None for name in names]
    tick()
    try:
        call()
        result = "done"
    except OSError as e:
        result = errno.errorcode[e.errno]
    after = [times(name) if os.path.lexists(name) else None for name in names]
    changed = []
    for old, new in zip(before, after):
        if old is None or new is None:
            changed.append("gone" if new is None else "new")
        else:
            changed.append("".join(t for t, a, b in zip("mc", old, new) if a < b) or "-")
            changed.append("back" if any(a > b for a, b in zip(old, new)) else "")
    print(what, result, *changed)


def make(name, mode=0o644):
    with open(name, "wb") as file:
        file.write(b"x" * 10000)
        os.fchmod(file.fileno(), mode)


def allocate(fd, mode, position, length):
    if libc.fallocate(fd, mode, ctypes.c_long(position), ctypes.c_long(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def set_flags(name, flags):
    fd = os.open(name, os.O_RDONLY)
    try:
        fcntl.ioctl(fd, SET_FLAGS, struct.pack("l", flags))
    finally:
        os.close(fd)


def content():
    make("f")
    fd = os.open("f", os.O_RDWR)
    show("write", lambda: os.pwrite(fd, b"abc", 0), "f")
    show("append", lambda: os.pwrite(fd, b"abc", 10000), "f")
    show("resize to the same", lambda: os.ftruncate(fd, 10003), "f")
    for size in 500, 50000, 50000:
        show(f"resize to {size}", lambda: os.ftruncate(fd, size), "f")
    show("truncate to the same", lambda: os.truncate("f", 50000), "f")
    for mode, position, length in (
        (0, 0, 100000),
        (0, 0, 100000),
        (KEEP, 0, 200000),
        (PUNCH_HOLE | KEEP, 4096, 8192),
        (PUNCH_HOLE | KEEP, 4096, 8192),
        (PUNCH_HOLE | KEEP, 1 << 20, 4096),
        (ZERO_RANGE, 0, 8192),
        (ZERO_RANGE | KEEP, 200000, 8192),
        (0, 0, 0),
        (0, 0, 17 << 40),
    ):
        show(f"allocate {mode} {position} {length}", lambda: allocate(fd, mode, position, length), "f")
    os.pwrite(fd, b"abc", 0)
    show("setxattr", lambda: os.setxattr("f", "user.a", b"1"), "f")
    os.pwrite(fd, b"abc", 0)
    show("link", lambda: os.link("f", "f2"), "f", ".")
    os.pwrite(fd, b"abc", 0)
    show("truncating open", lambda: os.close(os.open("f", os.O_RDWR | os.O_TRUNC)), "f")
    show("again", lambda: os.close(os.open("f", os.O_RDWR | os.O_TRUNC)), "f")
    os.close(fd)


def attributes():
    make("f")
    show("chmod", lambda: os.chmod("f", 0o644), "f")
    show("chown", lambda: os.chown("f", 5, 6), "f")
    show("chown to nobody", lambda: os.chown("f", -1, -1), "f")
    show("utime", lambda: os.utime("f"), "f")
    show("removexattr", lambda: os.removexattr("f", "user.a"), "f")
    show("removexattr again", lambda: os.removexattr("f", "user.a"), "f")
    show("flags", lambda: set_flags("f", EXTENTS | NODUMP), "f")
    for mode in 0o6755, 0o6745, 0o2644, 0o4777:
        make("bits", mode)
        os.chown("bits", -1, -1)
        print("chown to nobody leaves", oct(os.stat("bits").st_mode))


def names():
    os.mkdir("d")
    os.mkdir("d/e")
    make("f")
    show("unlink", lambda: os.unlink("f2"), "f", ".", "f2")
    show("rename", lambda: os.rename("f", "d/f"), ".", "d", "f", "d/f")
    show("rename a directory", lambda: os.rename("d/e", "e"), ".", "d")
    show("mkdir", lambda: os.mkdir("e/g"), ".", "e")
    show("rmdir of one with names", lambda: os.rmdir("e"), ".", "e")
    show("rmdir", lambda: os.rmdir("e/g"), ".", "e")
    show("symlink", lambda: os.symlink("f", "s"), ".")
    show("mkfifo", lambda: os.mkfifo("p"), ".")


def immutable():
    make("i")
    fd = os.open("i", os.O_RDWR)
    set_flags("i", EXTENTS | IMMUTABLE)
    show("write", lambda: os.pwrite(fd, b"abc", 0), "i")
    show("allocate", lambda: allocate(fd, 0, 0, 100000), "i")
    show("resize", lambda: os.ftruncate(fd, 3), "i")
    show("open", lambda: os.open("i", os.O_WRONLY), "i")
    set_flags("i", EXTENTS)
    show("write afterwards", lambda: os.pwrite(fd, b"abc", 0), "i")


def lists():
    make("l")
    for name in "user.a", "trusted.b", "security.c":
        os.setxattr("l", name, b"1")
    print("root sees", sorted(os.listxattr("l")))
    if os.fork() == 0:
        os.setresuid(1000, 1000, 1000)
        print("others see", sorted(os.listxattr("l")), flush=True)
        os._exit(0)
    os.wait()


content()
attributes()
names()
immutable()
lists()
