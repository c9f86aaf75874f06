package org.pagedattention.backend;

/**
 * Addresses of a batch's tensors in device memory, each aligned to 16 bytes.
 *
 * @param queries {@code [query tokens, queryHeads, headDim]}, sequences end to end
 * @param keys the K container
 * @param values the V container
 * @param slots tokens that may be read from where the containers begin; those that no sequence owns hold finite numbers
 * @param output where {@code [query tokens, queryHeads, valueDim]} goes
 * @param lse where {@code [query tokens, queryHeads]} goes, in fp32; 0 when it is not wanted
 */
public record DeviceTensors(long queries, long keys, long values, long slots, long output, long lse) {

    /** Whether the log-sum-exp is wanted beside the output. */
    public boolean wantsLse() {
        return lse != 0;
    }
}
