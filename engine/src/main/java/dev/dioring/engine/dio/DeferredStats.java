package dev.dioring.engine.dio;

/**
 * Counters of a mount's completions.
 *
 * @param inline requests completed where their last part ended
 * @param deferred requests completed on the mount's executor
 * @param batches conversions run, each for all requests of a file that waited together
 * @param ranges ranges converted, adjacent requests merged
 * @param workers virtual threads started
 * @param executorsMade executors made, losers of the race included
 * @param executorsDiscarded losers shut down
 */
public record DeferredStats(
    long inline,
    long deferred,
    long batches,
    long ranges,
    int workers,
    int executorsMade,
    int executorsDiscarded) {}
