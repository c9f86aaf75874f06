package org.pagedattention.jobs.bench.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.tensor.ElementType;

/** A model's folder that lies nowhere: its weights, in bf16, are random numbers, made when they are read. */
final class RandomModelFiles implements ModelFiles {
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final int BLOCK = 1 << 20;
    private static final double DEVIATION = 0.03;

    private final NamedShape shape;
    private final byte[] header;
    /** Whether a tensor's numbers are gains, by the offset of its first byte. */
    private final TreeMap<Long, Boolean> gains = new TreeMap<>();

    private final long dataBytes;
    private final byte[] random = new byte[BLOCK];
    private final byte[] ones = new byte[BLOCK];

    RandomModelFiles(NamedShape shape) {
        this.shape = shape;
        StringBuilder json = new StringBuilder("{");
        long at = 0;
        for (Map.Entry<String, int[]> tensor : shape.tensors().entrySet()) {
            int[] sizes = tensor.getValue();
            long end = at + Arrays.stream(sizes).asLongStream().reduce(ElementType.BF16.bytes(), Math::multiplyExact);
            json.append(json.length() > 1 ? "," : "")
                    .append('"')
                    .append(tensor.getKey())
                    .append("\":{\"dtype\":\"BF16\",\"shape\":")
                    .append(Arrays.toString(sizes))
                    .append(",\"data_offsets\":[" + at + "," + end + "]}");
            gains.put(at, sizes.length == 1 && tensor.getKey().endsWith("weight"));
            at = end;
        }
        byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        header = ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
        dataBytes = at;
        fill();
    }

    private void fill() {
        Random numbers = new Random(5);
        ByteBuffer some = ByteBuffer.wrap(random).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer gain = ByteBuffer.wrap(ones).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < BLOCK; i += ElementType.BF16.bytes()) {
            ElementType.BF16.put(some, i, (float) (DEVIATION * numbers.nextGaussian()));
            ElementType.BF16.put(gain, i, 1);
        }
    }

    @Override
    public String folder() {
        return shape.option() + " with random weights";
    }

    @Override
    public List<String> names() {
        return List.of(CONFIG, WEIGHTS);
    }

    @Override
    public boolean exists(String name) {
        return names().contains(name);
    }

    @Override
    public long size(String name) {
        return name.equals(CONFIG) ? config().length : header.length + dataBytes;
    }

    private byte[] config() {
        return shape.config().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public ByteBuffer read(String name, long offset, long size) {
        int count = Math.toIntExact(size);
        if (name.equals(CONFIG) || offset + size <= header.length) {
            byte[] text = name.equals(CONFIG) ? config() : header;
            return ByteBuffer.wrap(Arrays.copyOfRange(text, (int) offset, (int) offset + count))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        byte[] block = gains.floorEntry(offset - header.length).getValue() ? ones : random;
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.put(block, 0, Math.min(block.length, bytes.remaining()));
        }
        return bytes.flip();
    }
}
