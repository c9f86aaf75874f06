package org.pagedattention.gpu;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Memory as its source handed it out.
 *
 * @param address first byte, in the address space of the source
 * @param bytes size
 * @param view the memory as a buffer; null where the CPU cannot reach it
 */
public record Allocation(long address, long bytes, @Nullable ByteBuffer view) {}
