/** Changes of metadata as transactions: the interface to a journal, and life without one. */
@NullMarked
package dev.dioring.ext4lite.journal;

import org.jspecify.annotations.NullMarked;
