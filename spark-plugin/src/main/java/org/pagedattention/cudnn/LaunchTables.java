package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.EnumSet;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.paging.PagedBatch;

/**
 * What a launch must know beside the tensors, laid out in one block that is copied to the device in one go: lengths,
 * page tables and ragged offsets; and, read by cuDNN from host memory, the numbers of the formula.
 */
final class LaunchTables {
    private static final long NUMBER_BYTES = 4;

    private final AttentionSpec spec;
    private final PagedBatch batch;
    private final Slots slots;
    private final SdpaShape shape;
    private final boolean sharedTable;
    private final int sparePage;
    private final MemoryPlan tables = new MemoryPlan();
    private final MemoryPlan numbers = new MemoryPlan();

    /** Tables that name the page of zeros behind the batch's container. */
    LaunchTables(AttentionSpec spec, PagedBatch batch, Slots slots, SdpaShape shape) {
        this(spec, batch, slots, shape, ContainerExtent.of(batch).zeroPage());
    }

    /**
     * @param sparePage what table entries behind a slot's last page name: a page of finite numbers
     */
    LaunchTables(AttentionSpec spec, PagedBatch batch, Slots slots, SdpaShape shape, int sparePage) {
        this.spec = spec;
        this.sparePage = sparePage;
        this.batch = batch;
        this.slots = slots;
        this.shape = shape;
        sharedTable = batch.keyTable() == batch.valueTable();
        long tableBytes = 4L * shape.slots() * shape.tableWidth();
        long offsetBytes = (shape.slots() + 1L) * offsetWidth();
        tables.add(SdpaTensor.QUERY_LENGTHS, 4L * shape.slots());
        tables.add(SdpaTensor.KV_LENGTHS, 4L * shape.slots());
        tables.add(SdpaTensor.KEY_TABLE, tableBytes);
        if (!sharedTable) {
            tables.add(SdpaTensor.VALUE_TABLE, tableBytes);
        }
        if (shape.ragged()) {
            tables.add(SdpaTensor.QUERY_OFFSETS, offsetBytes);
            tables.add(SdpaTensor.OUTPUT_OFFSETS, offsetBytes);
            tables.add(SdpaTensor.LSE_OFFSETS, offsetBytes);
        }
        if (shape.ranges()) {
            tables.add(SdpaTensor.FIRST_KEYS, 4L * shape.slots() * shape.maxQuery());
            tables.add(SdpaTensor.END_KEYS, 4L * shape.slots() * shape.maxQuery());
        }
        numbers.append(tables.bytes());
        for (SdpaTensor number : EnumSet.range(SdpaTensor.SCALE, SdpaTensor.WINDOW)) {
            numbers.add(number, NUMBER_BYTES);
        }
    }

    /** Bytes of the part that goes to the device. */
    long deviceBytes() {
        return tables.bytes();
    }

    /** Bytes of both parts, on the host. */
    long hostBytes() {
        return numbers.bytes();
    }

    /** Adds the addresses of everything here, given where the two copies of the block begin. */
    void resolve(long host, long device, Map<TensorId, Long> addresses) {
        tables.resolve(device, addresses);
        if (sharedTable) {
            addresses.put(SdpaTensor.VALUE_TABLE, device + tables.offset(SdpaTensor.KEY_TABLE));
        }
        numbers.resolve(host, addresses);
    }

    /**
     * Fills the block.
     *
     * @param maskedScore what stands for minus infinity
     */
    void write(ByteBuffer target, float maskedScore) {
        IntBuffer queryLengths = ints(target, SdpaTensor.QUERY_LENGTHS);
        IntBuffer kvLengths = ints(target, SdpaTensor.KV_LENGTHS);
        for (int slot = 0; slot < shape.slots(); slot++) {
            boolean used = slot < slots.count();
            queryLengths.put(used ? slots.queries(slot) : 0);
            // an unused slot has no query; its one key is a zero, because lengths of zero gave NaN in some versions
            kvLengths.put(used ? slots.keys(slot) : 1);
        }
        writeTable(ints(target, SdpaTensor.KEY_TABLE), slots::keyPage);
        if (!sharedTable) {
            writeTable(ints(target, SdpaTensor.VALUE_TABLE), slots::valuePage);
        }
        if (shape.ragged()) {
            writeOffsets(target, SdpaTensor.QUERY_OFFSETS, shape.queryStride());
            writeOffsets(target, SdpaTensor.OUTPUT_OFFSETS, (long) shape.queryHeads() * shape.valueDim());
            writeOffsets(target, SdpaTensor.LSE_OFFSETS, shape.queryHeads());
        }
        if (shape.ranges()) {
            writeRanges(ints(target, SdpaTensor.FIRST_KEYS), ints(target, SdpaTensor.END_KEYS));
        }
        writeNumbers(target, maskedScore);
    }

    private void writeTable(IntBuffer table, IntBinaryOperator pages) {
        int width = shape.tableWidth();
        for (int slot = 0; slot < shape.slots(); slot++) {
            int own = slot < slots.count() ? slots.pages(slot) : 0;
            for (int p = 0; p < width; p++) {
                table.put(p < own ? pages.applyAsInt(slot, p) : sparePage);
            }
        }
    }

    private void writeOffsets(ByteBuffer target, SdpaTensor id, long rowElements) {
        for (int slot = 0; slot <= shape.slots(); slot++) {
            int token = slot < slots.count() ? slots.queryStart(slot) : batch.queryTokens();
            int at = Math.toIntExact(tables.offset(id)) + slot * offsetWidth();
            if (shape.wideOffsets()) {
                target.putLong(at, token * rowElements);
            } else {
                target.putInt(at, Math.toIntExact(token * rowElements));
            }
        }
    }

    private void writeRanges(IntBuffer firstKeys, IntBuffer endKeys) {
        for (int slot = 0; slot < shape.slots(); slot++) {
            int queries = slot < slots.count() ? slots.queries(slot) : 0;
            for (int row = 0; row < shape.maxQuery(); row++) {
                // rows without a query see one key, so that they come to a number
                firstKeys.put(row < queries ? slots.firstKey(slot, row) : 0);
                endKeys.put(row < queries ? slots.endKey(slot, row) : 1);
            }
        }
    }

    private void writeNumbers(ByteBuffer target, float maskedScore) {
        putFloat(target, SdpaTensor.SCALE, spec.scale());
        putFloat(target, SdpaTensor.PADDING_SCORE, maskedScore);
        putFloat(target, SdpaTensor.FUTURE_SCORE, maskedScore);
        putFloat(target, SdpaTensor.PAST_SCORE, maskedScore);
        // a window wider than any sequence hides nothing; bounded, it cannot overflow in the kernel
        int window = Math.min(spec.mask().window(), 2 * Math.max(shape.maxQuery(), shape.maxKv()));
        int at = Math.toIntExact(numbers.offset(SdpaTensor.WINDOW));
        if (shape.band() == Mask.Band.CAUSAL_BOTTOM_RIGHT) {
            target.putInt(at, window);
        } else {
            target.putFloat(at, window);
        }
    }

    private int offsetWidth() {
        return shape.wideOffsets() ? 8 : 4;
    }

    /** The block from where {@code id} begins. */
    private IntBuffer ints(ByteBuffer target, SdpaTensor id) {
        return target.duplicate()
                .position(Math.toIntExact(tables.offset(id)))
                .order(target.order())
                .asIntBuffer();
    }

    private void putFloat(ByteBuffer target, SdpaTensor id, float value) {
        target.putFloat(Math.toIntExact(numbers.offset(id)), value);
    }
}
