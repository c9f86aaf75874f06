package org.pagedattention.cudnn;

import org.junit.jupiter.api.Tag;

/** The same with all short sequences in slots that they share. */
@Tag("gpu")
class SharedSlotsOnDeviceTest extends DeviceAttentionTest {
    @Override
    CudnnAttention attention() {
        return Gpu.poisoned(Packing.When.ALWAYS);
    }
}
