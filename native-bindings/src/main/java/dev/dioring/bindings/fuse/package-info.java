/** The structures of the FUSE protocol: what the kernel asks and what it is answered. */
@NullMarked
package dev.dioring.bindings.fuse;

import org.jspecify.annotations.NullMarked;
