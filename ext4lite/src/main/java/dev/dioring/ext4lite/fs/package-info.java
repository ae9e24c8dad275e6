/** The filesystem: volumes, inodes, extents, allocation, directories, attributes, open files. */
@NullMarked
package dev.dioring.ext4lite.fs;

import org.jspecify.annotations.NullMarked;
