package org.pagedattention.columns;

import ai.rapids.cudf.MemoryBuffer;
import org.jspecify.annotations.Nullable;

/** Memory that is closed at the end, unless somebody else took it over. */
final class Owned<T extends MemoryBuffer> implements AutoCloseable {
    private @Nullable T memory;

    Owned(@Nullable T memory) {
        this.memory = memory;
    }

    T get() {
        if (memory == null) {
            throw new IllegalStateException("nothing is owned here any more");
        }
        return memory;
    }

    @Nullable
    T getOrNull() {
        return memory;
    }

    /** Gives the memory to the caller, who closes it from now on. */
    T release() {
        T released = get();
        memory = null;
        return released;
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
