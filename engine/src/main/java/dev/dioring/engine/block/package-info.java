/** Block devices: one request type, one interface, and the backends behind it. */
@NullMarked
package dev.dioring.engine.block;

import org.jspecify.annotations.NullMarked;
