package org.pagedattention.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagedBatchTest {
    private static final int TOKEN_BYTES = 4;

    static Stream<Arguments> layoutsAndPageSizes() {
        return Stream.of(PageLayout.values())
                .flatMap(layout -> IntStream.of(1, 2, 16, 64, 1024).mapToObj(size -> Arguments.of(layout, size)));
    }

    @ParameterizedTest
    @MethodSource("layoutsAndPageSizes")
    void everyTokenHasOneSlotOfItsOwn(PageLayout layout, int pageSize) {
        int[] edges = {0, 1, pageSize - 1, pageSize, pageSize + 1, 0, 3 * pageSize, 3 * pageSize + 1, 5000};
        checkSlots(layout, pageSize, edges);
        Random random = new Random(pageSize);
        for (int i = 0; i < 30; i++) {
            checkSlots(layout, pageSize, random.ints(random.nextInt(40), 0, 200).toArray());
        }
        int[] giantAmongSmall =
                IntStream.range(0, 200).map(i -> i == 77 ? 20_000 : 1 + i % 5).toArray();
        checkSlots(layout, pageSize, giantAmongSmall);
    }

    private static void checkSlots(PageLayout layout, int pageSize, int[] tokens) {
        PagedBatch batch = plan(layout, pageSize, tokens);
        Container container = container(batch);
        Set<Integer> slots = new HashSet<>();
        for (int i = 0; i < tokens.length; i++) {
            for (int t = 0; t < tokens[i]; t++) {
                int slot = container.slot(i, t);
                assertThat(slot).isBetween(0, batch.containerTokens() - 1);
                assertThat(slots.add(slot)).as("slot %d is used once", slot).isTrue();
            }
            for (int p = 0; p < PagedBatch.pagesFor(tokens[i], pageSize); p++) {
                assertThat(batch.keyTable().page(i, p)).isBetween(0, batch.containerPages() - 1);
            }
        }
        assertThat(batch.pageSlot(batch.containerPages() - 1) + pageSize).isEqualTo(batch.containerTokens());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 64})
    void paddedSequencesShareNoPage(int pageSize) {
        int[] tokens = {0, 1, pageSize, pageSize + 1, 7, 100};
        PagedBatch batch = plan(PageLayout.PADDED, pageSize, tokens);
        Set<Integer> pages = new HashSet<>();
        for (int i = 0; i < tokens.length; i++) {
            for (int p = 0; p < PagedBatch.pagesFor(tokens[i], pageSize); p++) {
                assertThat(pages.add(batch.keyTable().page(i, p))).isTrue();
            }
        }
    }

    @Test
    void packedWastesOnePageAtMostAndPaddedHalfAPageASequence() {
        int[] tokens = new Random(3).ints(1000, 1, 2000).toArray();
        long used = IntStream.of(tokens).asLongStream().sum();
        PagedBatch packed = plan(PageLayout.PACKED, 64, tokens);
        assertThat(packed.containerTokens()).isEqualTo((int) used + 63);
        assertThat(packed.waste()).isCloseTo(63.0 / (used + 63), within(1e-12));
        PagedBatch padded = plan(PageLayout.PADDED, 64, tokens);
        long pages = IntStream.of(tokens).mapToLong(t -> (t + 63) / 64).sum();
        assertThat(padded.containerTokens()).isEqualTo((int) pages * 64);
        assertThat(padded.waste()).isCloseTo(1 - used / (64.0 * pages), within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("layoutsAndPageSizes")
    void writesTokensWhereTheTableSaysAndZeroesTheRest(PageLayout layout, int pageSize) {
        int[] tokens = {3, 0, pageSize, 2 * pageSize + 1, 1, pageSize - 1};
        PagedBatch batch = plan(layout, pageSize, tokens);
        Container container = container(batch);
        fillWithGarbage(container);
        container.zeroTails();
        for (int i = 0; i < tokens.length; i++) {
            int sequence = i;
            container.write(i, (first, count, target, at) -> {
                for (int t = 0; t < count; t++) {
                    target.putInt(at + t * TOKEN_BYTES, tag(sequence, first + t));
                }
            });
        }
        Set<Integer> owned = new HashSet<>();
        for (int i = 0; i < tokens.length; i++) {
            for (int t = 0; t < tokens[i]; t++) {
                int slot = container.slot(i, t);
                owned.add(slot);
                assertThat(container.bytes().getInt(slot * TOKEN_BYTES)).isEqualTo(tag(i, t));
            }
        }
        for (int slot = 0; slot < batch.containerTokens(); slot++) {
            if (!owned.contains(slot)) {
                assertThat(container.bytes().getInt(slot * TOKEN_BYTES))
                        .as("slot %d", slot)
                        .isZero();
            }
        }
    }

    @Test
    void copiesTokensThatLieTogetherInOnePiece() {
        PagedBatch batch = plan(PageLayout.PADDED, 16, 100);
        List<Integer> pieces = new ArrayList<>();
        container(batch).write(0, (first, count, target, at) -> pieces.add(count));
        assertThat(pieces).containsExactly(100);
    }

    @Test
    void sequencesMaySharePages() {
        PageTable shared = new PageTable(new int[][] {{0, 1}, {0, 1}, {0, 2}});
        List<SequenceLengths> lengths = lengths(8, 6, 8);
        PagedBatch batch = PagedBatch.of(PageLayout.PADDED, 4, lengths, shared, shared, 12);
        assertThat(batch.containerPages()).isEqualTo(3);
        assertThat(container(batch).slot(2, 7)).isEqualTo(11);
        assertThat(batch.waste()).isNegative();
    }

    @ParameterizedTest
    @EnumSource(PageLayout.class)
    void sequencesNameThePagesOfTheirOwners(PageLayout layout) {
        PagedBatch owners = plan(layout, 4, 5, 0, 9);
        PagedBatch shared = owners.sharedBy(new int[] {2, 0, 2, 1}, new int[] {1, 2, 3, 0});
        assertThat(shared.containerTokens()).isEqualTo(owners.containerTokens());
        assertThat(shared.queryTokens()).isEqualTo(6);
        assertThat(shared.allLengths())
                .containsExactly(
                        new SequenceLengths(1, 9),
                        new SequenceLengths(2, 5),
                        new SequenceLengths(3, 9),
                        new SequenceLengths(0, 0));
        for (int token = 0; token < 9; token++) {
            int slot = container(owners).slot(2, token);
            assertThat(container(shared).slot(0, token)).isEqualTo(slot);
            assertThat(container(shared).slot(2, token)).isEqualTo(slot);
        }
        assertThat(container(shared).slot(1, 4)).isEqualTo(container(owners).slot(0, 4));
    }

    @Test
    void refusesATableThatPointsBehindTheContainer() {
        PageTable table = new PageTable(new int[][] {{0, 3}});
        assertThatThrownBy(() -> PagedBatch.of(PageLayout.PADDED, 4, lengths(8), table, table, 12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ends at slot 16");
    }

    @Test
    void keepsQueriesEndToEnd() {
        List<SequenceLengths> lengths =
                List.of(new SequenceLengths(3, 10), new SequenceLengths(0, 0), new SequenceLengths(5, 1));
        PagedBatch batch = PagedBatch.plan(PageLayout.PACKED, 16, lengths);
        assertThat(IntStream.rangeClosed(0, 3).map(batch::queryStart)).containsExactly(0, 3, 3, 8);
        assertThat(batch.longestQuery()).isEqualTo(5);
        assertThat(batch.longestKv()).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {48, 0, -1, 3, 2048})
    void refusesPageSizesThatCudnnWouldRefuse(int pageSize) {
        assertThatThrownBy(() -> plan(PageLayout.PACKED, pageSize, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("page size " + pageSize)
                .hasMessageContaining("spark.pagedAttention.page.size");
    }

    @Test
    void refusesABatchOfMoreTokensThanAnIndexCounts() {
        int huge = 1 << 30;
        assertThatThrownBy(() -> plan(PageLayout.PACKED, 1024, huge, huge, huge))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too large");
    }

    private static int tag(int sequence, int token) {
        return 1 + sequence * 100_000 + token;
    }

    private static PagedBatch plan(PageLayout layout, int pageSize, int... tokens) {
        return PagedBatch.plan(layout, pageSize, lengths(tokens));
    }

    private static List<SequenceLengths> lengths(int... tokens) {
        return IntStream.of(tokens).mapToObj(t -> new SequenceLengths(t, t)).toList();
    }

    private static Container container(PagedBatch batch) {
        ByteBuffer bytes =
                ByteBuffer.allocate(batch.containerTokens() * TOKEN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return new Container(batch, batch.keyTable(), bytes, TOKEN_BYTES);
    }

    private static void fillWithGarbage(Container container) {
        for (int i = 0; i < container.bytes().capacity(); i++) {
            container.bytes().put(i, (byte) 0xff);
        }
    }
}
