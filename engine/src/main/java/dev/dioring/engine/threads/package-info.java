/** How threads wait for each other. */
@NullMarked
package dev.dioring.engine.threads;

import org.jspecify.annotations.NullMarked;
