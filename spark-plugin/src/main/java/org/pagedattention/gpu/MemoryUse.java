package org.pagedattention.gpu;

/** Hears of each use of GPU memory before it begins. Found through {@link java.util.ServiceLoader}; by itself there is none. */
public interface MemoryUse {

    /**
     * Some memory is about to be used; what this throws is taken as the device's answer. For any thread.
     *
     * @param what the memory is for
     * @param bytes how much, as far as that is known
     */
    void before(String what, long bytes);
}
