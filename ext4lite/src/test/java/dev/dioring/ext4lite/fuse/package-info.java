/** Mounts of real images, judged by the tools of the system and the kernel's own mount. */
@NullMarked
package dev.dioring.ext4lite.fuse;

import org.jspecify.annotations.NullMarked;
