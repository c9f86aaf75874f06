package org.pagedattention.cudnn;

import java.util.stream.IntStream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.library.CudnnVersion;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.paging.PagedBatch;

/**
 * Rounds the shape of a batch up, so that a job over any mix of lengths needs a handful of plans. Depends on the batch
 * alone, never on which plans exist already, so that a batch gives the same bits whenever it runs.
 *
 * @param tokenStep factor from one length bucket to the next
 * @param slotStep factor from one number of slots to the next
 * @param fewestTokens shortest length bucket
 * @param fewestRows rows of slots and queries below which a further bucket would not be noticed
 * @param alwaysMasked whether every graph masks padding, needed or not
 */
record ShapeBuckets(int tokenStep, int slotStep, int fewestTokens, int fewestRows, boolean alwaysMasked) {

    /**
     * Where empty slots and rows cost little. On an H200, 16 slots for 9 sequences took as long as 9, and 64 slots or
     * four times the rows 12% longer, which is less than a job's further plans would take.
     */
    static final ShapeBuckets COARSE = new ShapeBuckets(4, 4, 256, 1 << 16, false);

    /** Where every empty row costs a thread block. */
    static final ShapeBuckets FINE = new ShapeBuckets(2, 4, 128, 1 << 14, false);

    private static final int FEWEST_DECODE_SLOTS = 16;
    private static final int FEWEST_PACKED_SLOTS = 64;
    private static final int LARGEST_EXTENT = 1 << 30;
    private static final int HOPPER = 9;

    /** The buckets that suit the kernels of {@code device}. */
    static ShapeBuckets of(SharedDevice device) {
        return of(device.gpu(), device.version());
    }

    static ShapeBuckets of(GpuDevice gpu, CudnnVersion version) {
        ShapeBuckets buckets = gpu.major() >= HOPPER && version.warning().isEmpty() ? COARSE : FINE;
        return gpu.major() == HOPPER && new SdpaSupport(version).takesUnmaskedPadding() ? buckets : buckets.masked();
    }

    private ShapeBuckets masked() {
        return new ShapeBuckets(tokenStep, slotStep, fewestTokens, fewestRows, true);
    }

    /** The shape of the graph that runs {@code batch}; heads not padded yet. */
    SdpaShape shape(AttentionSpec spec, PagedBatch batch, ActiveSequences active, boolean stats) {
        boolean wide = wideOffsets(spec, batch.queryTokens());
        SdpaShape tight = rectangle().extents(spec, batch, active, stats, wide).withRagged(false);
        return !active.decode() && !wide && rectangular(spec, batch, active, tight)
                ? tight
                : extents(spec, batch, active, stats, wide);
    }

    /**
     * The shape where graphs may differ in their extents alone, which change no bit of a sequence's result, and in how wide
     * offsets are, for very large batches; parameters as above, {@code active} without a graph for decoding.
     */
    SdpaShape steady(AttentionSpec spec, PagedBatch batch, ActiveSequences active, boolean stats) {
        return mixed(spec, batch, active, stats).withPaddingMask();
    }

    /** The shape of batches like {@code batch} whose queries lie anyhow; parameters as above. */
    SdpaShape mixed(AttentionSpec spec, PagedBatch batch, ActiveSequences active, boolean stats) {
        return extents(spec, batch, active, stats, wideOffsets(spec, batch.queryTokens()));
    }

    /** Whether short sequences may share slots: where graphs for them were tried. */
    boolean packs() {
        return !alwaysMasked;
    }

    /** The shape of short sequences that share slots; parameters as above. */
    SdpaShape packed(AttentionSpec spec, PagedBatch batch, PackedSlots packed, boolean stats) {
        int slots = packedSlots(packed.count());
        return new SdpaShape(
                spec.type(),
                slots,
                spec.queryHeads(),
                spec.kvHeads(),
                spec.headDim(),
                spec.valueDim(),
                PackedSlots.TOKENS,
                PackedSlots.TOKENS,
                pages(batch, slots, PackedSlots.TOKENS),
                Mask.Band.NONE,
                false,
                true,
                wideOffsets(spec, batch.queryTokens()),
                stats,
                alwaysMasked,
                true,
                null);
    }

    /**
     * Buckets of rectangles, in which unused slots and rows take memory: small steps, so that less than half is unused.
     */
    private ShapeBuckets rectangle() {
        return new ShapeBuckets(2, 2, fewestTokens, 1, alwaysMasked);
    }

    /**
     * Whether queries lie as in a rectangle of {@code tight}: then the graph needs no ragged offsets, and kernels without
     * them took from 1% longer to 9% less time.
     */
    private static boolean rectangular(AttentionSpec spec, PagedBatch batch, ActiveSequences active, SdpaShape tight) {
        boolean aligned = active.count() == 1
                || IntStream.range(0, active.count())
                        .allMatch(slot ->
                                batch.lengths(active.sequences().get(slot)).queryTokens() == tight.maxQuery());
        return aligned && !wideOffsets(spec, (long) tight.slots() * tight.maxQuery());
    }

    private SdpaShape extents(
            AttentionSpec spec, PagedBatch batch, ActiveSequences active, boolean stats, boolean wide) {
        int maxQuery = active.decode() ? 1 : tokens(active.longestQuery());
        int slots = slots(active.count(), maxQuery);
        int maxKv = tokens(active.longestKv());
        Mask mask = active.decode() ? Mask.none() : spec.mask();
        return new SdpaShape(
                spec.type(),
                slots,
                spec.queryHeads(),
                spec.kvHeads(),
                spec.headDim(),
                spec.valueDim(),
                maxQuery,
                maxKv,
                pages(batch, slots, maxKv),
                mask.band(),
                mask.window() > 0,
                !active.decode(),
                wide,
                stats,
                alwaysMasked || active.seesPadding(mask, maxKv),
                false,
                null);
    }

    /** Sequence slots for {@code sequences} of up to {@code maxQuery} queries: 1, then steps of {@code slotStep}. */
    int slots(int sequences, int maxQuery) {
        int fewest = maxQuery == 1 ? FEWEST_DECODE_SLOTS : fewestRows / maxQuery;
        int slots = 1;
        while (slots < sequences || slots < fewest) {
            slots *= slotStep;
        }
        return slots;
    }

    /** Slots for {@code count} packed ones, a quarter more at most: what is in them is all that a batch computes. */
    static int packedSlots(int count) {
        int step = Math.max(FEWEST_PACKED_SLOTS, Integer.highestOneBit(count - 1)) / 4;
        return Math.max(FEWEST_PACKED_SLOTS, (count + step - 1) / step * step);
    }

    /** Token extent for sequences of up to {@code tokens}. */
    int tokens(int tokens) {
        long extent = fewestTokens;
        while (extent < tokens) {
            extent *= tokenStep;
        }
        return (int) Math.min(extent, LARGEST_EXTENT);
    }

    /** Whether offsets of {@code rows} query rows need 64 bits, however far heads get padded. */
    static boolean wideOffsets(AttentionSpec spec, long rows) {
        long heads = rows * spec.queryHeads();
        return HeadDims.candidates(spec).stream()
                .anyMatch(dims -> heads * Math.max(dims.head(), dims.value()) > Integer.MAX_VALUE);
    }

    /**
     * The container's descriptor. Its page count is only a bound on page numbers, so it is derived from the other
     * extents, unless the batch really has more pages.
     */
    private PageShape pages(PagedBatch batch, int slots, int maxKv) {
        int stride = batch.layout().pageStride(batch.pageSize());
        long owned = (long) slots * PagedBatch.pagesFor(maxKv, batch.pageSize()) * batch.pageSize() / stride;
        long bound = owned + 1;
        long needed = ContainerExtent.of(batch).zeroPage() + 1L;
        while (bound < needed) {
            bound *= slotStep;
        }
        return new PageShape(batch.pageSize(), stride, bound);
    }
}
