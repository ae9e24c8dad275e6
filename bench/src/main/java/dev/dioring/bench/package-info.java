/**
 * A benchmark with fio's options, terms and JSON keys, for the engine's block devices, the JDK's
 * file channels and files in ext4 images; and a comparison with fio itself.
 *
 * <p>A {@link dev.dioring.bench.JobSpec} says what to do. Each job has a {@link
 * dev.dioring.bench.Target}, a {@link dev.dioring.bench.Plan} and as many {@link
 * dev.dioring.bench.Turn}s as its depth; nothing is allocated per operation.
 */
@NullMarked
package dev.dioring.bench;

import org.jspecify.annotations.NullMarked;
