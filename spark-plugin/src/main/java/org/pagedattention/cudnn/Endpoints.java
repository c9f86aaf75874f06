package org.pagedattention.cudnn;

import java.util.Map;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuStream.Direction;
import org.pagedattention.gpu.MemoryBlock;

/**
 * Where the tensors of a batch come from and where its results go, as addresses of rows without padding.
 *
 * @param in how inputs come from there
 * @param out how results go there
 * @param slots tokens that the containers hold there
 * @param lse 0 when it is not wanted
 */
record Endpoints(Direction in, Direction out, long queries, long keys, long values, long slots, long output, long lse) {

    static Endpoints onHost(HostInputs inputs, HostOutputs outputs, long slots) {
        MemoryBlock lse = outputs.lse();
        return new Endpoints(
                Direction.TO_DEVICE,
                Direction.TO_HOST,
                inputs.queryBlock().address(),
                inputs.keyBlock().address(),
                inputs.valueBlock().address(),
                slots,
                outputs.output().address(),
                lse == null ? 0 : lse.address());
    }

    static Endpoints onDevice(DeviceTensors tensors) {
        return new Endpoints(
                Direction.WITHIN_DEVICE,
                Direction.WITHIN_DEVICE,
                tensors.queries(),
                tensors.keys(),
                tensors.values(),
                tensors.slots(),
                tensors.output(),
                tensors.lse());
    }

    /** Adds the tensors' addresses, for a launch that works on them in place. */
    void resolve(Map<TensorId, Long> addresses) {
        addresses.put(SdpaTensor.QUERIES, queries);
        addresses.put(SdpaTensor.KEYS, keys);
        addresses.put(SdpaTensor.VALUES, values);
        addresses.put(SdpaTensor.OUTPUT, output);
        addresses.put(SdpaTensor.LSE, lse);
    }
}
