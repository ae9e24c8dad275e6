/** Tests of the journal by itself. */
@NullMarked
package dev.dioring.ext4lite.journal;

import org.jspecify.annotations.NullMarked;
