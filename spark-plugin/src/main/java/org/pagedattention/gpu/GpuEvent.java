package org.pagedattention.gpu;

import jcuda.runtime.JCuda;
import jcuda.runtime.cudaError;
import jcuda.runtime.cudaEvent_t;

/** A mark in a stream that can be waited for. */
public final class GpuEvent implements AutoCloseable {
    private final cudaEvent_t event = new cudaEvent_t();
    private boolean open = true;

    private GpuEvent(int flags) {
        CudaCalls.check(JCuda.cudaEventCreateWithFlags(event, flags), "cudaEventCreateWithFlags");
        NativeHandles.opened();
    }

    /** An event whose waiters sleep, because their cores have other tasks. */
    public static GpuEvent forWaiting() {
        return new GpuEvent(JCuda.cudaEventBlockingSync);
    }

    /** An event whose waiters spin, to learn of it at once. */
    public static GpuEvent forTiming() {
        return new GpuEvent(JCuda.cudaEventDefault);
    }

    /** Marks the end of the work given to {@code stream} so far. */
    public void record(GpuStream stream) {
        CudaCalls.check(JCuda.cudaEventRecord(event, stream.handle()), "cudaEventRecord");
    }

    /** Whether the mark is reached, or an error stands before it, which {@link #synchronize} shows. */
    public boolean isReached() {
        if (JCuda.cudaEventQuery(event) != cudaError.cudaErrorNotReady) {
            return true;
        }
        // CUDA remembers it as an error, which others would take for theirs
        JCuda.cudaGetLastError();
        return false;
    }

    /** Waits until the mark is reached; errors of the work before it show here. */
    public void synchronize() {
        CudaCalls.check(JCuda.cudaEventSynchronize(event), "cudaEventSynchronize");
    }

    /** Milliseconds from {@code start} to this event. */
    public float millisSince(GpuEvent start) {
        float[] millis = new float[1];
        CudaCalls.check(JCuda.cudaEventElapsedTime(millis, start.event, event), "cudaEventElapsedTime");
        return millis[0];
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            NativeHandles.closed();
            CudaCalls.check(JCuda.cudaEventDestroy(event), "cudaEventDestroy");
        }
    }
}
