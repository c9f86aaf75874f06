package org.pagedattention.cudnn.library;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pagedattention.device.DeviceFacts;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.cudf.ProcessMemory;

/** The GPUs that CUDA shows to this process. */
public final class VisibleDevices {
    private static final System.Logger LOG = System.getLogger(VisibleDevices.class.getName());

    private VisibleDevices() {}

    /**
     * Lists them in CUDA's order; none where CUDA does not answer.
     *
     * @param environment a look at this machine, after which CUDA's classes can be used
     */
    public static List<DeviceFacts> list(CudnnEnvironment environment) {
        // the first fact is about one of the devices, the others about software
        String software = Stream.concat(environment.facts().stream().skip(1), ProcessMemory.found().stream())
                .collect(Collectors.joining(", "));
        List<DeviceFacts> devices = new ArrayList<>();
        try {
            int count = GpuDevice.count();
            for (int index = 0; index < count; index++) {
                GpuDevice gpu = GpuDevice.query(index);
                devices.add(new DeviceFacts(GpuDevice.uuid(index), gpu.name(), gpu.totalBytes(), software));
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.DEBUG, "CUDA shows no devices", e);
            return List.of();
        }
        return List.copyOf(devices);
    }
}
