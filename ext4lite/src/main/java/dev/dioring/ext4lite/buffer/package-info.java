/** The cache of metadata blocks: one buffer per block, read once, verified once. */
@NullMarked
package dev.dioring.ext4lite.buffer;

import org.jspecify.annotations.NullMarked;
