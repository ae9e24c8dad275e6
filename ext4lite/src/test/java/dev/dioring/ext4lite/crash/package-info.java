/** Cuts the power at every kind of moment and checks what recovery makes of what is left. */
@NullMarked
package dev.dioring.ext4lite.crash;

import org.jspecify.annotations.NullMarked;
