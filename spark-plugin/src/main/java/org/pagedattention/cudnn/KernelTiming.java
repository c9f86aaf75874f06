package org.pagedattention.cudnn;

/**
 * How long one kind of launch takes on the device, copies apart.
 *
 * @param problem what is computed
 * @param variant how keys and values lie: dense, padded or packed, or copy for the yardstick of bandwidth
 * @param pageSize tokens of a page; 0 without pages
 * @param millis median time of a launch
 * @param teraflops arithmetic on visible keys, in 10^12 operations a second; 0 for a copy
 * @param gigabytesPerSecond live keys and values read, or bytes read and written by a copy, in 10^9 a second
 */
public record KernelTiming(
        String problem, String variant, int pageSize, double millis, double teraflops, double gigabytesPerSecond) {}
