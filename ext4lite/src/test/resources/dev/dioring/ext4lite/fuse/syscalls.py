"""What system calls answer in the current directory: the same on every ext4."""
import array
import ctypes
import errno
import fcntl
import hashlib
import os
import select
import struct
import time

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
AT_SYMLINK_FOLLOW = 0x400
NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4
GET_XFLAGS, SET_XFLAGS = 0x801C581F, 0x401C5820
GET_FLAGS, SET_FLAGS = 0x80086601, 0x40086602
PUNCH_HOLE, ZERO_RANGE, KEEP = 2, 16, 1


def say(what, result):
    print(f"{what}: {result}")


def attempt(what, call, *arguments):
    try:
        say(what, call(*arguments))
    except OSError as e:
        say(what, errno.errorcode[e.errno])


def rename2(old, new, flags):
    if libc.renameat2(AT_FDCWD, old.encode(), AT_FDCWD, new.encode(), flags) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")
    return "done"


def link(fd, name):
    path = f"/proc/self/fd/{fd}".encode()
    if libc.linkat(AT_FDCWD, path, AT_FDCWD, name.encode(), AT_SYMLINK_FOLLOW) != 0:
        raise OSError(ctypes.get_errno(), "linkat")
    return "done"


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def read(name):
    with open(name, "rb") as file:
        return file.read()


def digest(name):
    return hashlib.sha256(read(name)).hexdigest()


def renames():
    write("a", b"a")
    write("b", b"b")
    os.makedirs("d/sub")
    os.makedirs("e")
    attempt("noreplace onto a file", rename2, "a", "b", NOREPLACE)
    attempt("noreplace onto nothing", rename2, "a", "c", NOREPLACE)
    attempt("exchange of files", rename2, "c", "b", EXCHANGE)
    say("contents", (read("b"), read("c")))
    attempt("exchange with nothing", rename2, "b", "nothing", EXCHANGE)
    attempt("exchange of a file and a directory", rename2, "b", "d", EXCHANGE)
    say("kinds", (os.path.isdir("b"), os.path.isfile("d")))
    attempt("exchange of a directory and what is in it", rename2, "b", "b/sub", EXCHANGE)
    attempt("whiteout", rename2, "d", "e/moved", WHITEOUT)
    left = os.lstat("d")
    say("what is left", (oct(left.st_mode), left.st_rdev, read("e/moved")))
    attempt("noreplace and exchange", rename2, "c", "e", NOREPLACE | EXCHANGE)
    attempt("an unknown flag", rename2, "c", "f", 64)
    attempt("directory into itself", rename2, "b", "b/sub/deeper", 0)
    attempt("directory onto one that is not empty", rename2, "e", "b", 0)
    say("links", (os.stat("b").st_nlink, os.stat(".").st_nlink))


def unnamed():
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o640)
    os.write(fd, b"unnamed")
    say("links without a name", os.fstat(fd).st_nlink)
    say("naming", link(fd, "named"))
    say("named", (read("named"), os.fstat(fd).st_nlink, oct(os.fstat(fd).st_mode)))
    os.close(fd)
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o640)
    attempt("naming what must have no name", link, fd, "never")
    os.close(fd)


def seeks():
    fd = os.open("sparse", os.O_RDWR | os.O_CREAT, 0o644)
    os.pwrite(fd, b"x" * 4096, 0)
    os.pwrite(fd, b"x" * 4096, 1 << 20)
    os.ftruncate(fd, 2 << 20)
    os.fsync(fd)
    for position in (0, 4096, 5000, 1 << 20, (1 << 20) + 4096, 2 << 20):
        attempt(f"data from {position}", os.lseek, fd, position, os.SEEK_DATA)
        attempt(f"hole from {position}", os.lseek, fd, position, os.SEEK_HOLE)
    os.close(fd)


def preallocation():
    fd = os.open("ranges", os.O_RDWR | os.O_CREAT, 0o644)
    os.pwrite(fd, bytes(range(256)) * 256, 0)

    def allocate(mode, position, length):
        if libc.fallocate(fd, mode, ctypes.c_long(position), ctypes.c_long(length)) != 0:
            raise OSError(ctypes.get_errno(), "fallocate")
        return (os.fstat(fd).st_size, digest("ranges"))

    attempt("punch", allocate, PUNCH_HOLE | KEEP, 5000, 9000)
    attempt("punch that grows", allocate, PUNCH_HOLE, 0, 4096)
    attempt("zero", allocate, ZERO_RANGE, 20000, 9000)
    attempt("zero behind the end", allocate, ZERO_RANGE, 60000, 20000)
    attempt("an unknown mode", allocate, 0x80, 0, 4096)
    attempt("nothing", allocate, 0, 0, 0)
    os.close(fd)


def copies():
    write("source", bytes(range(251)) * 20000)
    with open("source", "r+b") as file:
        file.truncate(9 << 20)
        file.seek(8 << 20)
        file.write(b"behind the hole")
    source = os.open("source", os.O_RDONLY)
    for number, (start, to, length) in enumerate(
        [(0, 0, 9 << 20), (1000, 3, 3000001), (4096, 8192, 65536), (77, 5 << 20, 4 << 20),
         (3 << 20, 123, 6 << 20)]
    ):
        target = os.open(f"copy{number}", os.O_RDWR | os.O_CREAT, 0o644)
        os.pwrite(target, b"old" * 100000, 0)
        done = 0
        while done < length:
            step = os.copy_file_range(source, target, length - done, start + done, to + done)
            if step == 0:
                break
            done += step
        say(f"copy of {length}", (done, os.fstat(target).st_size, digest(f"copy{number}")))
        os.close(target)
    attempt("copy from behind the end", os.copy_file_range, source, source, 10, 1 << 30, 0)
    os.close(source)
    both = os.open("source", os.O_RDWR)
    attempt("copy within", os.copy_file_range, both, both, 100000, 0, 200000)
    attempt("copy onto itself", os.copy_file_range, both, both, 100000, 0, 50000)
    say("copied within", digest("source"))
    attempt("copy of all that is left", os.copy_file_range, both, both, 1 << 20, 8 << 20, 20 << 20)
    say("sizes", os.fstat(both).st_size)
    attempt("copy to where no file ends", os.copy_file_range, both, both, 10, 0, (1 << 63) - 5)
    attempt("copy to behind the largest", os.copy_file_range, both, both, 10, 0, 1 << 62)
    os.close(both)


def locks():
    fd = os.open("locked", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.lockf(fd, fcntl.LOCK_EX, 100, 50)
    other = os.open("flocked", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(other, fcntl.LOCK_EX)
    reader, writer = os.pipe()
    if os.fork() == 0:
        answers = []
        for call in (
            lambda: fcntl.lockf(os.open("locked", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 99),
            lambda: fcntl.lockf(os.open("locked", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 0),
            lambda: fcntl.flock(os.open("flocked", os.O_RDWR), fcntl.LOCK_SH | fcntl.LOCK_NB),
        ):
            try:
                call()
                answers.append("locked")
            except OSError as e:
                answers.append(errno.errorcode[e.errno])
        os.write(writer, ",".join(answers).encode())
        os._exit(0)
    os.wait()
    say("locks of another process", os.read(reader, 1000))
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT)
    say("poll", [events for _, events in poll.poll(0)])


def flags():
    fd = os.open("flags", os.O_RDWR | os.O_CREAT, 0o644)

    def xflags(values=None):
        buffer = array.array("I", values or [0] * 7)
        fcntl.ioctl(fd, SET_XFLAGS if values else GET_XFLAGS, buffer)
        return list(buffer)[:1] + list(buffer)[3:4]

    def own():
        return struct.unpack("I", fcntl.ioctl(fd, GET_FLAGS, b"\0" * 8)[:4])[0]

    attempt("xflags", xflags)
    attempt("set a project", xflags, [0, 0, 0, 7, 0, 0, 0])
    attempt("set nodump and noatime", xflags, [0xC0, 0, 0, 0, 0, 0, 0])
    say("own flags", hex(own()))
    attempt("set an extent size", xflags, [0x800, 4096, 0, 0, 0, 0, 0])
    fcntl.ioctl(fd, SET_FLAGS, struct.pack("Q", own() | 0x10))
    attempt("xflags of the immutable", xflags)
    attempt("writing to the immutable", os.open, "flags", os.O_RDWR)
    fcntl.ioctl(fd, SET_FLAGS, struct.pack("Q", own() & ~0x10))
    attempt("an unknown ioctl", fcntl.ioctl, fd, 0x8008FFFF, b"\0" * 8)
    directory = os.open(".", os.O_RDONLY)
    attempt("flags of a directory", lambda: fcntl.ioctl(directory, GET_FLAGS, b"\0" * 8)[:2])
    os.close(directory)
    os.close(fd)


def ends():
    """Of what can be stored: where a file is largest, and the first and last times."""
    write("near", b"some content")
    near, far = os.open("near", os.O_RDWR), os.open("far", os.O_RDWR | os.O_CREAT)
    end = (1 << 44) - 4096
    for at in end - 4, end, end + 1, (1 << 63) - 13, (1 << 63) - 1:
        attempt(f"copy to {at}", os.copy_file_range, near, far, 12, 0, at)
    say("size", os.fstat(far).st_size)
    os.ftruncate(far, 0)
    for seconds in -(1 << 63), -(1 << 40), 1 << 40, (1 << 63) - 1:
        times = struct.pack("qqqq", seconds, 0, seconds, 999999999)
        say(f"time {seconds}", libc.utimensat(AT_FDCWD, b"far", times, 0))
        say("is", (os.stat("far").st_atime_ns, os.stat("far").st_mtime_ns))
    os.close(near)
    os.close(far)


def handles():
    write("handled", b"by a handle")
    directory = os.open(".", os.O_RDONLY)
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + b"\0" * 128)
    mount = ctypes.c_int()

    def name_to_handle(name):
        if libc.name_to_handle_at(AT_FDCWD, name, handle, ctypes.byref(mount), 0) != 0:
            raise OSError(ctypes.get_errno(), "name_to_handle_at")
        return "done"

    def open_handle():
        fd = libc.open_by_handle_at(directory, handle, os.O_RDONLY)
        if fd < 0:
            raise OSError(ctypes.get_errno(), "open_by_handle_at")
        content = os.read(fd, 100)
        os.close(fd)
        return content

    def opened_until_it_is_gone():
        # FUSE closes files in the background, and until then the inode is still there.
        end = time.monotonic() + 60
        while time.monotonic() < end:
            open_handle()
        return "still there"

    attempt("handle of a file", name_to_handle, b"handled")
    attempt("opened by its handle", open_handle)
    os.rename("handled", "moved")
    with open("/proc/sys/vm/drop_caches", "w") as caches:
        caches.write("2")
    attempt("opened by its handle again", open_handle)
    os.unlink("moved")
    attempt("opened by the handle of what is gone", opened_until_it_is_gone)
    write("next", b"perhaps with the same number")
    attempt("opened by the handle of what is gone", open_handle)
    os.close(directory)


for part in (ends, handles, renames, unnamed, seeks, preallocation, copies, locks, flags):
    part()
