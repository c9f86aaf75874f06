package org.pagedattention.cudnn.models;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.pagedattention.backend.ModelType;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.StoredRows;

/** Brings weights to a device and counts them. */
final class WeightStore {
    private static final int PIECE_BYTES = 32 << 20;

    private final SharedDevice device;
    private final ModelType asked;
    private final AtomicLong held = new AtomicLong();
    private final AtomicInteger widest = new AtomicInteger(1);

    /**
     * @param asked what matrices are held in: 16 bits, or what suits each
     */
    WeightStore(SharedDevice device, ModelType asked) {
        this.device = device;
        this.asked = asked;
    }

    /** Bytes of all weights that are not closed. */
    long heldBytes() {
        return held.get();
    }

    /** Columns that go into and come out of the largest linear layer so far. */
    int widest() {
        return widest.get();
    }

    CudnnWeight hold(WeightForm form) {
        return form.shape().rank() == 1 ? vector(form) : matrix(form);
    }

    private CudnnWeight matrix(WeightForm form) {
        ElementType type = form.halfType(asked);
        MemoryBlock block = take((long) form.paddedRows() * form.paddedColumns() * type.bytes());
        try {
            send(form, type, form.paddedRows(), block.address());
        } catch (RuntimeException e) {
            block.close();
            throw e;
        }
        widest.accumulateAndGet(form.paddedRows() + form.paddedColumns(), Math::max);
        return new CudnnWeight(form.shape(), type, true, block, held);
    }

    /** A matrix that may be larger than a buffer, piece by piece. */
    CudnnWeight table(StoredRows rows, float factor) {
        TableForm form = new TableForm(rows, factor);
        ElementType type = form.halfType(asked);
        long rowBytes = (long) DeviceTensor.padded(rows.shape().columns()) * type.bytes();
        MemoryBlock block = take(rows.shape().rows() * rowBytes);
        try {
            for (int row = 0; row < rows.shape().rows(); row += form.rowsOfPiece()) {
                WeightForm piece = form.piece(row);
                send(piece, type, piece.rows(), block.address() + row * rowBytes);
            }
        } catch (RuntimeException e) {
            block.close();
            throw e;
        }
        return new CudnnWeight(rows.shape(), type, true, block, held);
    }

    private CudnnWeight vector(WeightForm form) {
        MemoryBlock block = take(CudnnWeight.vectorBytes(form.shape()));
        try {
            for (ElementType type : ElementType.values()) {
                send(form, type, 1, block.address() + CudnnWeight.place(type, form.shape()));
            }
        } catch (RuntimeException e) {
            block.close();
            throw e;
        }
        return new CudnnWeight(form.shape(), form.halfType(ModelType.AUTO), form.fitsFp16(), block, held);
    }

    private MemoryBlock take(long bytes) {
        return device.spare().take(() -> taken(bytes));
    }

    private MemoryBlock taken(long bytes) {
        long used = device.memory().usage().usedBytes();
        if (used + bytes > device.memoryBudget()) {
            throw new DeviceMemoryException("the model does not fit: its weights have taken " + mebibytes(held.get())
                    + " so far, the next takes " + mebibytes(bytes) + ", and of "
                    + mebibytes(device.memoryBudget()) + " that spark.pagedAttention.gpu.memoryFraction allows "
                    + mebibytes(used) + " are in use: raise it, stop what else runs on this GPU, or take a larger one");
        }
        return device.memory().acquire(bytes);
    }

    private void send(WeightForm form, ElementType type, int rows, long address) {
        long rowBytes = (long) form.paddedColumns() * type.bytes();
        int piece = (int) Math.max(1, Math.min(rows, PIECE_BYTES / rowBytes));
        try (MemoryBlock host = device.pinned().acquire(piece * rowBytes)) {
            for (int from = 0; from < rows; from += piece) {
                int to = Math.min(rows, from + piece);
                form.write(from, to, type, host.buffer());
                Lane lane = device.nextLane();
                synchronized (lane) {
                    lane.stream().upload(address + from * rowBytes, host.address(), (to - from) * rowBytes);
                    lane.stream().synchronize();
                }
            }
        }
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
