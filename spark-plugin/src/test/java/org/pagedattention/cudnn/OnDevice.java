package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.backend.DeviceAttention;
import org.pagedattention.backend.DeviceBatch;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/**
 * A backend whose batches are brought to the device by the test itself and attended there, so that what holds for batches
 * from the host can be asked of {@link DeviceAttention#attend}, too.
 */
final class OnDevice implements AttentionBackend {
    private final DeviceAttention device;
    private final MemoryPool memory = MemoryPool.ofDevice(0);
    private final MemoryPool pinned = MemoryPool.ofPinned(0);

    OnDevice(DeviceAttention device) {
        this.device = device;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public boolean supports(ElementType type) {
        return device.supports(type);
    }

    @Override
    public int scoreExponent() {
        return device.scoreExponent();
    }

    @Override
    public BatchInputs inputs(AttentionSpec spec, int queryTokens, int containerTokens) {
        return device.inputs(spec, queryTokens, containerTokens);
    }

    @Override
    public Moved open(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs inputs) {
        return open(spec, pages, wantLse, inputs, pages.containerTokens());
    }

    /** A batch whose containers have {@code slots} on the device, fewer than its last page may run into or more. */
    Moved open(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs inputs, long slots) {
        device.bindThread();
        return new Moved(spec, pages, wantLse, inputs, slots);
    }

    @Override
    public void close() {
        memory.close();
        pinned.close();
        device.close();
    }

    /** One batch. */
    final class Moved implements AttentionBatch {
        private final AttentionSpec spec;
        private final PagedBatch pages;
        private final boolean wantLse;
        private final BatchInputs inputs;
        private final long slots;
        private final GpuStream stream = new GpuStream();
        private final MemoryBlock q;
        private final MemoryBlock k;
        private final MemoryBlock v;
        private final MemoryBlock o;
        private final MemoryBlock lse;
        private final MemoryBlock hostO;
        private final MemoryBlock hostLse;
        private @Nullable DeviceBatch running;

        private Moved(AttentionSpec spec, PagedBatch pages, boolean wantLse, BatchInputs inputs, long slots) {
            this.spec = spec;
            this.pages = pages;
            this.wantLse = wantLse;
            this.inputs = inputs;
            this.slots = slots;
            q = memory.acquire(bytes(pages.queryTokens(), spec.queryElements()));
            k = memory.acquire(bytes(slots, spec.keyElements()));
            v = memory.acquire(bytes(slots, spec.valueElements()));
            o = memory.acquire(bytes(pages.queryTokens(), spec.outputElements()));
            lse = memory.acquire(Math.max(16, (long) pages.queryTokens() * spec.queryHeads() * Float.BYTES));
            hostO = pinned.acquire(o.bytes());
            hostLse = pinned.acquire(lse.bytes());
        }

        private long bytes(long tokens, int elements) {
            return Math.max(16, tokens * elements * spec.type().bytes());
        }

        /** Whether the batch was attended where its tensors lie. */
        boolean inPlace() {
            return running != null && running.inPlace();
        }

        @Override
        public AttentionSpec spec() {
            return spec;
        }

        @Override
        public PagedBatch pages() {
            return pages;
        }

        @Override
        public ByteBuffer queries() {
            return inputs.queries();
        }

        @Override
        public ByteBuffer keys() {
            return inputs.keys();
        }

        @Override
        public ByteBuffer values() {
            return inputs.values();
        }

        @Override
        public void start() {
            send(inputs.queries(), q, bytes(pages.queryTokens(), spec.queryElements()));
            send(inputs.keys(), k, bytes(Math.min(slots, pages.containerTokens()), spec.keyElements()));
            send(inputs.values(), v, bytes(Math.min(slots, pages.containerTokens()), spec.valueElements()));
            stream.fill(o.address(), 0xff, o.bytes());
            stream.fill(lse.address(), 0xff, lse.bytes());
            stream.synchronize();
            DeviceTensors tensors = new DeviceTensors(
                    q.address(), k.address(), v.address(), slots, o.address(), wantLse ? lse.address() : 0);
            running = device.attend(spec, pages, tensors);
        }

        /** What lies behind what is sent is zero. */
        private void send(ByteBuffer from, MemoryBlock to, long bytes) {
            stream.fill(to.address(), 0, to.bytes());
            long there = Math.min(bytes, from.capacity());
            try (MemoryBlock block = pinned.acquire(bytes)) {
                block.buffer().put(0, from, 0, (int) there);
                stream.upload(to.address(), block.address(), there);
                stream.synchronize();
            }
        }

        @Override
        public AttentionOutput await() {
            if (running == null) {
                throw new IllegalStateException("not started");
            }
            running.close();
            stream.download(hostO.address(), o.address(), o.bytes());
            stream.download(hostLse.address(), lse.address(), lse.bytes());
            stream.synchronize();
            FloatBuffer floats = wantLse ? hostLse.buffer().asFloatBuffer() : null;
            return new AttentionOutput(hostO.buffer(), false, floats);
        }

        @Override
        public void close() {
            if (running != null) {
                running.close();
            }
            for (MemoryBlock block : new MemoryBlock[] {q, k, v, o, lse, hostO, hostLse}) {
                block.close();
            }
            stream.close();
        }
    }
}
