package org.pagedattention.plugin;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.DeviceAssignment;

/** Decides an executor's GPU from plain facts: one device, none with a reason, or a refusal that says what to change. */
final class GpuAssignment {
    private static final String BACKEND = PagedAttentionConf.PREFIX + "backend";
    private static final String DEVICE = PagedAttentionConf.PREFIX + "gpu.device";
    private static final Pattern INDEX = Pattern.compile("\\d{1,4}");
    private static final Pattern UUID = Pattern.compile("(GPU|MIG)-.+");

    /** What to set so that Spark assigns a GPU to each executor. */
    static final String HOW_TO_GET_ONE = "set spark.executor.resource.gpu.amount to 1 (a standalone cluster's workers"
            + " then need spark.worker.resource.gpu.amount and spark.worker.resource.gpu.discoveryScript, YARN and"
            + " Kubernetes spark.executor.resource.gpu.discoveryScript)";

    private final GpuRequest request;

    private GpuAssignment(GpuRequest request) {
        this.request = request;
    }

    /**
     * The device for a process.
     *
     * @throws IllegalStateException when what Spark assigned and what is configured give no single device
     */
    static DeviceAssignment decide(GpuRequest request) {
        if (request.conf().backend() == BackendName.CPU) {
            return DeviceAssignment.none(BACKEND + " is cpu");
        }
        List<String> addresses = request.addresses();
        GpuAssignment assignment = new GpuAssignment(request);
        return addresses == null ? assignment.withoutSpark() : assignment.fromSpark(addresses);
    }

    private DeviceAssignment withoutSpark() {
        int configured = request.conf().gpu().device();
        if (configured >= 0) {
            return DeviceAssignment.gpu(visible(configured, DEVICE));
        }
        if (request.local()) {
            return DeviceAssignment.gpu(0);
        }
        String reason = "Spark assigned this executor no GPU: " + HOW_TO_GET_ONE;
        // executors of stages other than scoring then have none, and do not need one
        if (request.conf().backend() == BackendName.CUDNN
                && !request.conf().stage().ownExecutors()) {
            throw new IllegalStateException(
                    BACKEND + " is cudnn, but " + reason + ", or set " + BACKEND + " to auto or cpu");
        }
        return DeviceAssignment.none(reason);
    }

    private DeviceAssignment fromSpark(List<String> addresses) {
        if (addresses.size() != 1) {
            throw new IllegalStateException("Spark assigned " + addresses.size() + " GPUs " + addresses
                    + ", but an executor uses exactly 1: set " + request.amountKey()
                    + " to 1, and start an executor for each GPU");
        }
        int assigned = device(addresses.get(0).strip());
        int configured = request.conf().gpu().device();
        if (configured >= 0 && configured != assigned) {
            throw new IllegalStateException(DEVICE + " is " + configured + ", but Spark assigned GPU " + assigned
                    + ": delete " + DEVICE + ", which is for GPUs that Spark does not assign");
        }
        return DeviceAssignment.gpu(assigned);
    }

    private int device(String address) {
        if (address.isEmpty()) {
            throw new IllegalStateException("the GPU that Spark assigned has the empty address \"\", so the discovery"
                    + " script found none: let " + discoveryKey() + " name scripts/get-gpu-resources.sh, which says"
                    + " why, or delete " + request.amountKey());
        }
        if (INDEX.matcher(address).matches()) {
            return visible(Integer.parseInt(address), "the GPU that Spark assigned");
        }
        if (UUID.matcher(address).matches()) {
            return ofUuid(address);
        }
        throw new IllegalStateException("the GPU that Spark assigned has the address '" + address
                + "', which is neither an index such as 0 nor a UUID such as GPU-5fd4f087-...: let " + discoveryKey()
                + " name scripts/get-gpu-resources.sh");
    }

    private int ofUuid(String address) {
        for (int i = 0; i < request.visible().size(); i++) {
            if (identity(request.visible().get(i)).equals(identity(address))) {
                return i;
            }
        }
        throw new IllegalStateException("the GPU that Spark assigned is " + address + ", but this process sees "
                + (request.visible().isEmpty() ? "no GPU" : "only " + request.visible())
                + ": look at CUDA_VISIBLE_DEVICES and the driver on this host, or let " + discoveryKey()
                + " name scripts/get-gpu-resources.sh, which gives indexes");
    }

    /** Without the prefix: CUDA shows a part of a GPU (MIG) as a device like others. */
    private static String identity(String uuid) {
        return uuid.substring(uuid.indexOf('-') + 1).toLowerCase(Locale.ROOT);
    }

    /** CUDA counts the devices that it shows; an index beyond them would fail later, with less to say. */
    private int visible(int index, String whose) {
        int count = request.visible().size();
        if (count > 0 && index >= count) {
            throw new IllegalStateException(whose + " is " + index + ", but this process sees " + count
                    + (count == 1 ? " GPU" : " GPUs")
                    + ", counted from 0: look at CUDA_VISIBLE_DEVICES on this host, and at "
                    + (whose.equals(DEVICE) ? DEVICE : discoveryKey()));
        }
        return index;
    }

    private String discoveryKey() {
        return request.local()
                ? "spark.driver.resource.gpu.discoveryScript"
                : "spark.worker.resource.gpu.discoveryScript (spark.executor.resource.gpu.discoveryScript on YARN and"
                        + " Kubernetes)";
    }
}
