/** Disk images for tests, made and judged by other people's programs. */
@NullMarked
package dev.dioring.ext4lite.testimage;

import org.jspecify.annotations.NullMarked;
