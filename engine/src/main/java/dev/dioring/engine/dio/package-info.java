/** Generic direct I/O: one request over many mappings, with inline or deferred completion. */
@NullMarked
package dev.dioring.engine.dio;

import org.jspecify.annotations.NullMarked;
