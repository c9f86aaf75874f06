package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * The sequences of a batch, the short ones packed and the others with a slot each. Depends on the batch alone.
 *
 * @param packed of short sequences
 * @param sequences in {@code packed}
 * @param rest the others
 */
record Packing(PackedSlots packed, int sequences, ActiveSequences rest) {

    /** When short sequences are packed. */
    enum When {
        /** A sequence alone in its slot gets the same bits in every batch. */
        NEVER,
        WHERE_IT_PAYS,
        ALWAYS
    }

    /** Slots of its own that a sequence must save, so that a launch and a plan more do not cost as much. */
    private static final int LEAST_SAVED = 128;

    /** A packed slot takes longer than one without ranges, but never twice as long. */
    private static final int LEAST_SHARED = 2;

    /** The packing of {@code active}, all sequences with queries; null where it does not pay. */
    static @Nullable Packing of(PagedBatch pages, Mask mask, ActiveSequences active, When when) {
        if (when == When.NEVER || active.decode()) {
            return null;
        }
        Packing packing = fill(pages, mask, active);
        int slots = packing.packed.count();
        int saved = packing.sequences - slots;
        boolean pays = saved >= LEAST_SAVED && packing.sequences >= LEAST_SHARED * slots;
        return slots > 0 && (pays || when == When.ALWAYS) ? packing : null;
    }

    private static Packing fill(PagedBatch pages, Mask mask, ActiveSequences active) {
        List<PackedSlots.Slot> slots = new ArrayList<>();
        List<Integer> rest = new ArrayList<>();
        SlotFiller filler = new SlotFiller(pages, mask, 0);
        for (int i = 0; i < active.count(); i++) {
            int sequence = active.sequences().get(i);
            if (isShort(pages.lengths(sequence))) {
                if (filler.add(sequence)) {
                    continue;
                }
                close(filler, slots);
                filler = new SlotFiller(pages, mask, pages.queryStart(sequence));
                if (filler.add(sequence)) {
                    continue;
                }
            }
            rest.add(i);
        }
        close(filler, slots);
        return new Packing(new PackedSlots(List.copyOf(slots)), active.count() - rest.size(), active.only(rest));
    }

    private static void close(SlotFiller filler, List<PackedSlots.Slot> slots) {
        if (!filler.isEmpty()) {
            slots.add(filler.slot());
        }
    }

    private static boolean isShort(SequenceLengths lengths) {
        return lengths.queryTokens() <= PackedSlots.LONGEST && lengths.kvTokens() <= PackedSlots.LONGEST;
    }
}
