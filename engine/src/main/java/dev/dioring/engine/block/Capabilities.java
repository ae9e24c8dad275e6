package dev.dioring.engine.block;

/**
 * Which backend serves a device, and why that one.
 *
 * @param backend short name: uring, sync, memory, faulty, recording, ...
 * @param reason one clause for a user: why this backend runs
 * @param features what the backend has switched on, for display, such as "SINGLE_ISSUER
 *     DEFER_TASKRUN fixed-files"
 */
public record Capabilities(String backend, String reason, String features) {}
