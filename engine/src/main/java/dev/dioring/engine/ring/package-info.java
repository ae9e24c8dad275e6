/** The io_uring instance: submission and completion queues and the thread that owns them. */
@NullMarked
package dev.dioring.engine.ring;

import org.jspecify.annotations.NullMarked;
