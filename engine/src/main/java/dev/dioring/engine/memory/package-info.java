/** Aligned memory for direct I/O: pools of buffers with exactly-once release. */
@NullMarked
package dev.dioring.engine.memory;

import org.jspecify.annotations.NullMarked;
