package org.pagedattention.cudnn.models;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuStream.Direction;

/** One part of a pass. */
interface Step {

    /** Puts it on the run's lane. */
    void enqueue(PassRun run);

    /** Its kind, for people. */
    default String kind() {
        return "copies on the device";
    }

    /** Rows come from pinned memory; zeros go where no row is. */
    record Upload(long host, DeviceTensor to) implements Step {
        @Override
        public void enqueue(PassRun run) {
            long rowBytes = (long) to.columns() * to.type().bytes();
            if (rowBytes != to.rowBytes()) {
                run.stream().fill(run.address(to), 0, to.rows() * to.rowBytes());
            }
            run.stream()
                    .copyRows(Direction.TO_DEVICE, run.address(to), to.rowBytes(), host, rowBytes, rowBytes, to.rows());
        }
    }

    /** Zeros in some rows of a region. */
    record Clear(Region region, long firstRow, long rows) implements Step {
        @Override
        public void enqueue(PassRun run) {
            long rowBytes = region.rowBytes();
            run.stream().fill(region.address(run.base()) + firstRow * rowBytes, 0, rows * rowBytes);
        }
    }

    /** A matrix becomes columns of another. */
    record Copy(DeviceTensor from, DeviceTensor to, int firstColumn) implements Step {
        @Override
        public void enqueue(PassRun run) {
            long at = run.address(to) + (long) firstColumn * to.type().bytes();
            long bytes = (long) from.columns() * from.type().bytes();
            run.stream()
                    .copyRows(
                            Direction.WITHIN_DEVICE,
                            at,
                            to.rowBytes(),
                            run.address(from),
                            from.rowBytes(),
                            bytes,
                            from.rows());
        }
    }

    /** Rows of one matrix become those of another. */
    record Gather(DeviceTensor from, DeviceTensor to, List<RowRun> runs) implements Step {
        @Override
        public void enqueue(PassRun run) {
            long bytes = (long) from.columns() * from.type().bytes();
            for (RowRun rows : runs) {
                run.stream()
                        .copyRows(
                                Direction.WITHIN_DEVICE,
                                run.address(to) + rows.to() * to.rowBytes(),
                                to.rowBytes(),
                                run.address(from) + rows.from() * from.rowBytes(),
                                from.rowBytes(),
                                bytes,
                                rows.count());
            }
        }
    }

    /** Some slots of a container go to where they are kept, if there is room. */
    record Keep(DeviceTensor from, CudnnKept to, CudnnKept.Part part) implements Step {
        @Override
        public void enqueue(PassRun run) {
            if (to.tokens() == 0) {
                return;
            }
            long bytes = (long) from.columns() * from.type().bytes();
            for (RowRun rows : to.runs()) {
                run.stream()
                        .copyRows(
                                Direction.WITHIN_DEVICE,
                                to.address() + part.at() + rows.to() * part.rowBytes(),
                                part.rowBytes(),
                                run.address(from) + rows.from() * from.rowBytes(),
                                from.rowBytes(),
                                bytes,
                                rows.count());
            }
        }
    }

    /** What an earlier pass has kept becomes the first slots of a container. */
    record Recall(CudnnKept from, CudnnKept.Part part, DeviceTensor to) implements Step {
        @Override
        public void enqueue(PassRun run) {
            run.stream()
                    .copyRows(
                            Direction.WITHIN_DEVICE,
                            run.address(to),
                            to.rowBytes(),
                            from.address() + part.at(),
                            part.rowBytes(),
                            (long) to.columns() * to.type().bytes(),
                            from.tokens());
        }
    }

    /**
     * Attention.
     *
     * @param kind what it is for
     */
    record Attend(Recipe.Tables tables, String kind, DeviceTensor q, DeviceTensor k, DeviceTensor v, DeviceTensor o)
            implements Step {
        @Override
        public void enqueue(PassRun run) {
            run.attend(tables, new Attention.Operands(run.address(q), run.address(k), run.address(v), run.address(o)));
        }
    }

    /**
     * A graph, launched as often as its rows ask for.
     *
     * @param at what its tensors are
     */
    record Launch(GraphKey key, List<At> at, int launches, long launchRows) implements Step {
        @Override
        public String kind() {
            return key.kind();
        }

        @Override
        public void enqueue(PassRun run) {
            for (int i = 0; i < launches; i++) {
                Map<TensorId, Long> addresses = new HashMap<>();
                for (At tensor : at) {
                    addresses.put(tensor.id(), tensor.address(run) + i * launchRows * tensor.rowBytes());
                }
                run.launch(key, addresses);
            }
        }
    }

    /**
     * Where a tensor of a graph is.
     *
     * @param tensor null for what lies at a fixed address
     * @param fixed the address, or bytes of the tensor before what is meant
     * @param rowBytes from one row to the next; 0 for what all launches share
     */
    record At(TensorId id, @Nullable DeviceTensor tensor, long fixed, long rowBytes) {

        static At rows(TensorId id, DeviceTensor tensor) {
            return new At(id, tensor, 0, tensor.rowBytes());
        }

        static At rows(TensorId id, DeviceTensor tensor, long firstRow) {
            return new At(id, tensor, firstRow * tensor.rowBytes(), tensor.rowBytes());
        }

        static At fixed(TensorId id, long address) {
            return new At(id, null, address, 0);
        }

        long address(PassRun run) {
            return tensor == null ? fixed : run.address(tensor) + fixed;
        }
    }
}
