package org.pagedattention.gpu;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The memory beside the GPU's. */
public final class HostMemory {
    private HostMemory() {}

    /** Bytes that this host, or the container that this process is in, has in all. */
    public static long totalBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
