/** Tests of the metadata cache by itself. */
@NullMarked
package dev.dioring.ext4lite.buffer;

import org.jspecify.annotations.NullMarked;
