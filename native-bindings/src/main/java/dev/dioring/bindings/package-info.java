/** Typed system calls that capture errno, and typed views of the structures they pass. */
@NullMarked
package dev.dioring.bindings;

import org.jspecify.annotations.NullMarked;
