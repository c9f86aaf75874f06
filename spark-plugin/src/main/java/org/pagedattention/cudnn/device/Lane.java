package org.pagedattention.cudnn.device;

import org.pagedattention.cudnn.graph.Scratch;
import org.pagedattention.cudnn.library.CudnnHandle;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryPool;

/** A stream with a cuDNN handle of its own. Whoever gives it work holds its lock meanwhile. */
public final class Lane implements AutoCloseable {
    private final GpuStream stream;
    private final CudnnHandle handle;
    private final Scratch scratch;

    Lane(MemoryPool pinned) {
        scratch = new Scratch(pinned);
        stream = new GpuStream();
        handle = new CudnnHandle();
        handle.use(stream);
    }

    public GpuStream stream() {
        return stream;
    }

    public CudnnHandle handle() {
        return handle;
    }

    public Scratch scratch() {
        return scratch;
    }

    @Override
    public void close() {
        handle.close();
        stream.close();
        scratch.close();
    }
}
