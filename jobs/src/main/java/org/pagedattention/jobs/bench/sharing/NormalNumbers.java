package org.pagedattention.jobs.bench.sharing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.pagedattention.tensor.ElementType;

/**
 * Normal numbers to fill gigabytes with as fast as memory is copied: four million of them, drawn once in a process, from
 * which each tensor takes as many as it needs, beginning anywhere. For any thread.
 */
final class NormalNumbers {
    private static final int COUNT = 1 << 22;

    private static final Map<ElementType, byte[]> DRAWN = new EnumMap<>(ElementType.class);

    private NormalNumbers() {}

    /**
     * Numbers of a tensor.
     *
     * @param from where they begin among all
     * @param elements how many, fewer than fill an array
     */
    static byte[] tensor(ElementType type, int from, int elements) {
        byte[] all = all(type);
        byte[] tensor = new byte[Math.multiplyExact(elements, type.bytes())];
        int start = Math.floorMod(from, COUNT) * type.bytes();
        for (int done = 0; done < tensor.length; ) {
            int count = Math.min(tensor.length - done, all.length - start);
            System.arraycopy(all, start, tensor, done, count);
            done += count;
            start = 0;
        }
        return tensor;
    }

    private static byte[] all(ElementType type) {
        synchronized (DRAWN) {
            return DRAWN.computeIfAbsent(type, NormalNumbers::draw);
        }
    }

    private static byte[] draw(ElementType type) {
        SplittableRandom random = new SplittableRandom(1);
        byte[] bytes = new byte[COUNT * type.bytes()];
        ByteBuffer target = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes.length; at += type.bytes()) {
            type.put(target, at, (float) random.nextGaussian());
        }
        return bytes;
    }
}
