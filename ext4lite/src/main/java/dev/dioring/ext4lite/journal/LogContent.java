package dev.dioring.ext4lite.journal;

/**
 * What a scan found in a log.
 *
 * @param plan what has to be written
 * @param nextSequence the transaction that would have followed the last good one
 * @param transactions good ones
 * @param damage what is wrong with the transaction behind the last good one if that was committed,
 *     or an empty string; a transaction whose commit the crash cut off is no damage
 */
record LogContent(RedoPlan plan, int nextSequence, int transactions, String damage) {}
