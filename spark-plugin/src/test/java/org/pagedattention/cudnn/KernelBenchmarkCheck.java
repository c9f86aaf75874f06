package org.pagedattention.cudnn;

import org.pagedattention.backend.BackendSettings;

/** Prints the kernel measurements as a table. */
final class KernelBenchmarkCheck {
    private KernelBenchmarkCheck() {}

    public static void main(String[] args) {
        KernelReport report = KernelBenchmark.run(BackendSettings.defaults());
        System.out.println(report.device() + ", cuDNN " + report.cudnn());
        for (KernelTiming timing : report.timings()) {
            System.out.printf(
                    "%-52s %-22s %4d %9.4f ms %7.1f TFLOP/s %8.1f GB/s%n",
                    timing.problem(),
                    timing.variant(),
                    timing.pageSize(),
                    timing.millis(),
                    timing.teraflops(),
                    timing.gigabytesPerSecond());
        }
    }
}
