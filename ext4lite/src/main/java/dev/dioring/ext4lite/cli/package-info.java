/** The command line: each command parses, asks the filesystem, prints. */
@NullMarked
package dev.dioring.ext4lite.cli;

import org.jspecify.annotations.NullMarked;
