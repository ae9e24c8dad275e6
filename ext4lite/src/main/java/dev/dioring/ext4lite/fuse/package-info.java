/** The volume as a file system of the kernel: FUSE's protocol, spoken without libfuse. */
@NullMarked
package dev.dioring.ext4lite.fuse;

import org.jspecify.annotations.NullMarked;
