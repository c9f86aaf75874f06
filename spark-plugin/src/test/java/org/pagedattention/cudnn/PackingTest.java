package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

class PackingTest {
    private static final List<Mask> MASKS = List.of(
            Mask.none(),
            Mask.causal(),
            Mask.causalBottomRight(),
            Mask.none().withWindow(5),
            Mask.causal().withWindow(7),
            Mask.causalBottomRight().withWindow(1));

    static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    /** Through its slot, a query reaches the keys and values that its sequence's own pages and the mask give it. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void showsEachQueryItsOwnKeys(int seed) {
        Random random = new Random(seed);
        Mask mask = MASKS.get(random.nextInt(MASKS.size()));
        PagedBatch pages = batch(random);
        ActiveSequences active = ActiveSequences.of(pages, mask, true);
        Packing packing = Packing.of(pages, mask, active, Packing.When.ALWAYS);
        TreeMap<Integer, List<Long>> seen = new TreeMap<>();
        if (packing != null) {
            collect(pages, packing.packed(), seen);
            int packed = seen.size();
            for (int slot = 0; slot < packing.rest().count(); slot++) {
                addSequence(pages, mask, packing.rest().sequences().get(slot), seen);
            }
            assertThat(packing.sequences() + packing.rest().count()).isEqualTo(active.count());
            assertThat(packed).isPositive();
        } else {
            assertThat(IntStream.range(0, active.count())
                            .map(i -> pages.lengths(active.sequences().get(i)).tokens()))
                    .as("nothing is short")
                    .allMatch(tokens -> tokens > PackedSlots.LONGEST || pages.pageSize() > PackedSlots.TOKENS);
            return;
        }
        TreeMap<Integer, List<Long>> expected = new TreeMap<>();
        for (int i = 0; i < active.count(); i++) {
            addSequence(pages, mask, active.sequences().get(i), expected);
        }
        assertThat(seen).isEqualTo(expected);
    }

    /** What each query of {@code slots} sees: token slots of keys and values, joined. */
    private static void collect(PagedBatch pages, PackedSlots slots, TreeMap<Integer, List<Long>> seen) {
        for (int slot = 0; slot < slots.count(); slot++) {
            assertThat(slots.queries(slot)).isBetween(1, PackedSlots.TOKENS);
            assertThat(slots.keys(slot)).isBetween(1, PackedSlots.TOKENS);
            assertThat(slots.pages(slot))
                    .isLessThanOrEqualTo(PagedBatch.pagesFor(PackedSlots.TOKENS, pages.pageSize()));
            for (int p = 0; p < slots.pages(slot); p++) {
                int last = Math.max(slots.keyPage(slot, p), slots.valuePage(slot, p));
                assertThat(pages.pageSlot(last) + pages.pageSize()).isLessThanOrEqualTo(pages.containerTokens());
            }
            for (int query = 0; query < slots.queries(slot); query++) {
                List<Long> keys = new ArrayList<>();
                for (int at = slots.firstKey(slot, query); at < slots.endKey(slot, query); at++) {
                    int page = at / pages.pageSize();
                    int within = at % pages.pageSize();
                    keys.add(joined(
                            pages.pageSlot(slots.keyPage(slot, page)) + within,
                            pages.pageSlot(slots.valuePage(slot, page)) + within));
                }
                assertThat(seen.put(slots.queryStart(slot) + query, keys)).isNull();
            }
        }
    }

    private static void addSequence(PagedBatch pages, Mask mask, int sequence, TreeMap<Integer, List<Long>> seen) {
        int queries = pages.lengths(sequence).queryTokens();
        int keys = pages.lengths(sequence).kvTokens();
        for (int t = 0; t < queries; t++) {
            List<Long> visible = new ArrayList<>();
            for (int key = mask.firstKey(t, queries, keys); key < mask.endKey(t, queries, keys); key++) {
                int page = key / pages.pageSize();
                int within = key % pages.pageSize();
                visible.add(joined(
                        pages.pageSlot(pages.keyTable().page(sequence, page)) + within,
                        pages.pageSlot(pages.valueTable().page(sequence, page)) + within));
            }
            assertThat(seen.put(pages.queryStart(sequence) + t, visible)).isNull();
        }
    }

    private static long joined(int key, int value) {
        return ((long) key << 32) + value;
    }

    private static PagedBatch batch(Random random) {
        int pageSize = 1 << random.nextInt(9);
        int longest = random.nextInt(4) == 0 ? 200 : 70;
        boolean self = random.nextBoolean();
        List<SequenceLengths> lengths = IntStream.range(0, 1 + random.nextInt(60))
                .mapToObj(i -> {
                    int queries = random.nextInt(longest);
                    return new SequenceLengths(queries, self ? queries : random.nextInt(longest));
                })
                .toList();
        return switch (random.nextInt(4)) {
            case 0 -> PagedBatch.plan(PageLayout.PADDED, pageSize, lengths);
            case 1 -> AttentionProblem.shuffledPages(pageSize, lengths, random.nextLong());
            case 2 -> tight(pageSize, lengths, random);
            default -> PagedBatch.plan(PageLayout.PACKED, pageSize, lengths);
        };
    }

    /** Sequences anywhere in an overlapping container, keys and values elsewhere, no room behind the last page. */
    private static PagedBatch tight(int pageSize, List<SequenceLengths> lengths, Random random) {
        int tokens = 150 + random.nextInt(200);
        PageTable keys = anywhere(pageSize, lengths, tokens, random);
        PageTable values = random.nextBoolean() ? keys : anywhere(pageSize, lengths, tokens, random);
        return PagedBatch.of(PageLayout.PACKED, pageSize, lengths, keys, values, tokens + 2 * pageSize + 400);
    }

    private static PageTable anywhere(int pageSize, List<SequenceLengths> lengths, int tokens, Random random) {
        int[][] rows = new int[lengths.size()][];
        int start = 0;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new int[PagedBatch.pagesFor(lengths.get(i).kvTokens(), pageSize)];
            for (int p = 0; p < rows[i].length; p++) {
                rows[i][p] = start + p * pageSize;
            }
            start = random.nextInt(3) == 0 ? random.nextInt(tokens) : start + random.nextInt(20);
            start = Math.min(start, tokens);
        }
        return new PageTable(rows);
    }

    @ParameterizedTest
    @EnumSource(PageLayout.class)
    void fillsSlotsOfShortSequences(PageLayout layout) {
        PagedBatch pages = PagedBatch.plan(layout, 16, Collections.nCopies(1000, new SequenceLengths(16, 16)));
        Packing packing = Objects.requireNonNull(pack(pages, Packing.When.WHERE_IT_PAYS));
        assertThat(packing.packed().count()).isEqualTo(125);
        assertThat(packing.rest().count()).isZero();
    }

    @Test
    void leavesLongSequencesASlotEach() {
        List<SequenceLengths> lengths = new ArrayList<>(Collections.nCopies(400, new SequenceLengths(20, 20)));
        lengths.add(100, new SequenceLengths(65, 65));
        lengths.add(300, new SequenceLengths(10, 2000));
        Packing packing = Objects.requireNonNull(
                pack(PagedBatch.plan(PageLayout.PACKED, 64, lengths), Packing.When.WHERE_IT_PAYS));
        assertThat(packing.sequences()).isEqualTo(400);
        assertThat(packing.rest().count()).isEqualTo(2);
        assertThat(packing.rest().longestKv()).isEqualTo(2000);
        assertThat(packing.rest().longestQuery()).isEqualTo(65);
    }

    @Test
    void packsOnlyWhereItPays() {
        assertThat(pack(batchOf(5000, 65), Packing.When.WHERE_IT_PAYS))
                .as("long")
                .isNull();
        assertThat(pack(batchOf(5000, 60), Packing.When.WHERE_IT_PAYS))
                .as("two a slot")
                .isNotNull();
        assertThat(pack(batchOf(140, 8), Packing.When.WHERE_IT_PAYS))
                .as("131 saved")
                .isNotNull();
        assertThat(pack(batchOf(120, 8), Packing.When.WHERE_IT_PAYS)).as("few").isNull();
        assertThat(pack(batchOf(120, 8), Packing.When.ALWAYS)).isNotNull();
        assertThat(pack(batchOf(5000, 8), Packing.When.NEVER)).isNull();
        PagedBatch decode =
                PagedBatch.plan(PageLayout.PACKED, 64, Collections.nCopies(5000, new SequenceLengths(1, 9)));
        assertThat(Packing.of(decode, Mask.none(), ActiveSequences.of(decode, Mask.none()), Packing.When.ALWAYS))
                .as("single queries have a kernel of their own")
                .isNull();
    }

    private static PagedBatch batchOf(int count, int tokens) {
        return PagedBatch.plan(PageLayout.PACKED, 64, Collections.nCopies(count, new SequenceLengths(tokens, tokens)));
    }

    private static Packing pack(PagedBatch pages, Packing.When when) {
        return Packing.of(pages, Mask.causal(), ActiveSequences.of(pages, Mask.causal()), when);
    }
}
