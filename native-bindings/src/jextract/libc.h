/* The libc and kernel headers that the libc bindings are made from. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/socket.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <linux/fs.h>
#include <linux/falloc.h>
