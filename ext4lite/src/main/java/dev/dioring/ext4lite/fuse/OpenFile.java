package dev.dioring.ext4lite.fuse;

import dev.dioring.ext4lite.fs.Ext4File;

/**
 * An open file of the kernel's.
 *
 * @param direct whether it was opened with O_DIRECT, so that nobody else makes its writes durable
 */
record OpenFile(Ext4File file, boolean direct) {}
