package org.pagedattention.cudnn;

import java.util.List;

/**
 * What {@link KernelBenchmark} measured.
 *
 * @param device the GPU
 * @param cudnn version of cuDNN
 * @param timings in the order measured
 */
public record KernelReport(String device, String cudnn, List<KernelTiming> timings) {}
