package org.pagedattention.cudnn.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.pagedattention.backend.ModelType;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/** Numbers that launches read and that are the same in all of them, on the host and on the device. Thread-safe. */
final class Constants implements AutoCloseable {
    private static final int MOST_NUMBERS = 256;
    /** Larger than any logit, and far from fp32's largest number. */
    static final float HUGE = 1e30f;

    /** Apart, as cuDNN may read more than the four bytes. */
    private static final int APART = 16;

    private final WeightStore store;
    private final MemoryBlock host;
    private final Map<Float, Long> numbers = new HashMap<>();
    private final Map<Integer, CudnnWeight> unitGains = new HashMap<>();
    private final Map<Integer, CudnnWeight> indices = new HashMap<>();
    private final Map<Integer, CudnnWeight> paddings = new HashMap<>();

    Constants(SharedDevice device) {
        store = new WeightStore(device, ModelType.AUTO);
        host = device.pinned().acquire(MOST_NUMBERS * APART);
    }

    /** Address of {@code value} in pinned memory. */
    synchronized long number(float value) {
        Long known = numbers.get(value);
        if (known != null) {
            return known;
        }
        if (numbers.size() == MOST_NUMBERS) {
            throw new IllegalStateException("models use more than " + MOST_NUMBERS + " different numbers");
        }
        int at = numbers.size() * APART;
        host.buffer().putFloat(at, value);
        numbers.put(value, host.address() + at);
        return host.address() + at;
    }

    /** A gain of 1/√columns in every column, which makes a norm by the mean of squares one by their sum. */
    CudnnWeight unitGain(int columns) {
        return vector(unitGains, columns, columns, i -> 1 / Math.sqrt(columns));
    }

    /** The number of every column. */
    CudnnWeight index(int columns) {
        return vector(indices, columns, columns, i -> i);
    }

    /** Zeros for {@code columns}, and for those behind them up to a multiple of 8 what no logit is less than. */
    CudnnWeight nothingBehind(int columns) {
        return vector(paddings, columns, DeviceTensor.padded(columns), i -> i < columns ? 0 : -HUGE);
    }

    private synchronized CudnnWeight vector(
            Map<Integer, CudnnWeight> known, int key, int width, IntToDoubleFunction number) {
        return known.computeIfAbsent(key, missing -> {
            ByteBuffer bytes = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < width; i++) {
                bytes.putFloat((float) number.applyAsDouble(i));
            }
            return store.hold(new WeightForm(ElementType.FP32, Shape.of(width), bytes.flip()));
        });
    }

    @Override
    public synchronized void close() {
        for (Map<Integer, CudnnWeight> vectors : List.of(unitGains, indices, paddings)) {
            vectors.values().forEach(CudnnWeight::close);
        }
        host.close();
    }
}
