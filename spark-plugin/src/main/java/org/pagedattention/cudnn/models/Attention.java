package org.pagedattention.cudnn.models;

import java.util.Collection;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;

/** Attention over tensors of a pass, where they lie; by whoever knows cuDNN's attention. */
public interface Attention {

    /**
     * Plans attention of one kind over one batch; all layers of a pass share it.
     *
     * @param spec of tensors in 16 bits
     * @param strides of their rows
     * @param roomy whether Q and O have as many rows as {@link Planned#rows} says; otherwise they have those of the batch
     * @throws IllegalArgumentException when cuDNN cannot compute it
     */
    Planned plan(AttentionSpec spec, PagedBatch pages, RowStrides strides, boolean roomy);

    /** What it takes. */
    interface Planned {

        /** What launches need a plan for. */
        Collection<PlanCache.Planned<?>> graphs();

        /** Rows of Q and O, those that nobody reads included. */
        long rows();

        /** Pinned memory. */
        long hostBytes();

        /** Device memory, workspace included. */
        long deviceBytes();

        /**
         * Puts it where there is as much of both.
         *
         * @param device address of device memory
         */
        Placed place(MemoryBlock host, long hostAt, long device);
    }

    /** Ready for any number of launches. */
    interface Placed {

        /** Enqueues the copy of its tables, before any launch. */
        void send(GpuStream stream);

        /** Enqueues attention. */
        void attend(Lane lane, InFlight work, Operands at);
    }

    /** Addresses in device memory; keys and values are finite as far as pages reach behind the last token. */
    record Operands(long queries, long keys, long values, long output) {}
}
