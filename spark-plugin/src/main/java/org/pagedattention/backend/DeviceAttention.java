package org.pagedattention.backend;

import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PagedBatch;

/** A backend on a GPU, which also attends where tensors are in the GPU's memory already. */
public interface DeviceAttention extends AttentionBackend {

    /**
     * Starts attention over tensors in device memory; nothing passes through the host.
     *
     * <p>Queries that see no key get what the contract says. Results that are not finite stay: whoever put the tensors
     * there knows how to find out which row spoiled them.
     *
     * @param tensors ready to be read: whatever writes them has ended
     * @throws IllegalArgumentException when this backend cannot compute {@code spec}
     * @throws org.pagedattention.device.DeviceMemoryException when memory is short for what is needed beside them
     */
    DeviceBatch attend(AttentionSpec spec, PagedBatch pages, DeviceTensors tensors);

    /** Index of the device, as CUDA counts the visible ones. */
    int deviceIndex();

    /** Gives device memory back that waits for the next batch. */
    void freeIdleMemory();
}
