@NullMarked
package dev.dioring.bench;

import org.jspecify.annotations.NullMarked;
