package org.pagedattention.executor;

import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;

/**
 * The device of this JVM's tasks, where somebody who knows decided it: it comes before {@code gpu.device} of the job.
 *
 * @param device index of the GPU; negative when there is none for this JVM
 * @param reason why there is none and what to change; empty with a GPU
 */
public record DeviceAssignment(int device, String reason) {

    public static DeviceAssignment gpu(int device) {
        return new DeviceAssignment(device, "");
    }

    public static DeviceAssignment none(String reason) {
        return new DeviceAssignment(-1, reason);
    }

    public boolean hasGpu() {
        return device >= 0;
    }

    /**
     * The backend to ask for when a job asks for {@code requested}.
     *
     * @throws IllegalStateException when only a GPU would do and there is none
     */
    public String backend(String requested) {
        if (hasGpu() || requested.equals(BackendName.CPU.toString())) {
            return requested;
        }
        if (requested.equals(BackendChoice.AUTO)) {
            return BackendName.CPU.toString();
        }
        throw new IllegalStateException("backend '" + requested + "' cannot work here: " + reason + ", or set "
                + PagedAttentionConf.PREFIX + "backend to auto");
    }

    public BackendSettings settings(BackendSettings asked) {
        return hasGpu() ? asked.withDevice(device) : asked;
    }
}
