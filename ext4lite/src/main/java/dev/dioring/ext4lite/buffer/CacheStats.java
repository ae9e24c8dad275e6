package dev.dioring.ext4lite.buffer;

/**
 * Counters of a cache.
 *
 * @param hits look-ups that found the block in memory
 * @param misses look-ups that did not, those ahead of need included
 * @param evictions blocks dropped for others
 * @param bytes memory in use, free blocks in it included
 * @param limitBytes memory that it has before it drops blocks
 */
public record CacheStats(long hits, long misses, long evictions, long bytes, long limitBytes) {}
