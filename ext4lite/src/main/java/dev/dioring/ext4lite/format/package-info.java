/**
 * The on-disk structures of ext4: offsets and typed accessors over memory, validation, checksums.
 *
 * <p>Everything on disk is little endian whatever the host. Unsigned 32-bit fields come out as
 * {@code long}. Nothing here does I/O or keeps state. The format is described in the kernel's
 * Documentation/filesystems/ext4; field and feature names are those of the kernel and e2fsprogs.
 */
@NullMarked
package dev.dioring.ext4lite.format;

import org.jspecify.annotations.NullMarked;
