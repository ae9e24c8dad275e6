"""Reads and sets the label of the filesystem of the current directory."""
import errno
import fcntl
import os

GET_LABEL, SET_LABEL, ROOM = 0x81009431, 0x41009432, 256


def attempt(what, number, argument):
    try:
        print(what, fcntl.ioctl(here, number, argument).rstrip(b"\0"))
    except OSError as e:
        print(what, errno.errorcode[e.errno])


here = os.open(".", os.O_RDONLY)
attempt("before", GET_LABEL, bytes(ROOM))
attempt("a longer one", SET_LABEL, b"sixteen and one.." + bytes(ROOM - 17))
attempt("set", SET_LABEL, b"sixteen and one." + bytes(ROOM - 16))
attempt("after", GET_LABEL, bytes(ROOM))
attempt("set", SET_LABEL, b"short" + b"\0" + b"x" * (ROOM - 6))
if os.fork() == 0:
    os.setresuid(1000, 1000, 1000)
    attempt("set by others", SET_LABEL, b"other" + bytes(ROOM - 5))
    os._exit(0)
os.wait()
attempt("after", GET_LABEL, bytes(ROOM))
