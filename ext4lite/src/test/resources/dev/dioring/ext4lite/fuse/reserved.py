# Fills a file system as an ordinary user, then as one of a group, then as root, and says how many
# KiB each got. Arguments: the directory, a flag for open(2), the group.
import errno
import mmap
import os
import sys

BYTES = 64 << 10


def fill(name, flag):
    memory = mmap.mmap(-1, BYTES)
    memory.write(b"x" * BYTES)
    descriptor = os.open(name, os.O_CREAT | os.O_WRONLY | flag, 0o666)
    written = 0
    size = BYTES
    while size >= 4096:
        try:
            written += os.write(descriptor, memoryview(memory)[:size])
        except OSError as failure:
            if failure.errno != errno.ENOSPC:
                raise
            size //= 2
    os.fsync(descriptor)
    os.close(descriptor)
    return written >> 10


def fill_as(uid, groups, name, flag):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups(groups)
        os.setresgid(1000, 1000, 1000)
        os.setresuid(uid, uid, uid)
        os.write(writer, str(fill(name, flag)).encode())
        os._exit(0)
    os.close(writer)
    answer = os.read(reader, 100).decode()
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("uid " + str(uid) + " failed")
    return answer


directory = sys.argv[1]
flag = getattr(os, sys.argv[2]) if sys.argv[2] else 0
os.chmod(directory, 0o777)
os.chdir(directory)
print("user", fill_as(1000, [], "user", flag))
if len(sys.argv) > 3:
    print("group", fill_as(1001, [int(sys.argv[3])], "group", flag))
    os.unlink("group")
print("root", fill("root", flag))
