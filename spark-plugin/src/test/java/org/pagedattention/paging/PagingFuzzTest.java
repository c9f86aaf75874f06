package org.pagedattention.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pagedattention.Fuzz;

class PagingFuzzTest {

    @Test
    void batchesKeepTheirLimitsAndTheirRoom() {
        Fuzz.inputs(2000, random -> {
            BatchLimits limits =
                    new BatchLimits(1 + random.nextInt(9), 1 + random.nextInt(500), 1 + random.nextInt(5000));
            PageLayout layout = PageLayout.values()[random.nextInt(2)];
            int pageSize = 1 << random.nextInt(7);
            SequenceBatcher batcher =
                    new SequenceBatcher(limits, layout, pageSize, 1 + random.nextInt(16), 1 + random.nextInt(16));
            List<SequenceLengths> batch = new ArrayList<>();
            SequenceBatcher.Room room = null;
            for (SequenceLengths next : lengths(random, 30, 400)) {
                if (room == null || !room.takes(next)) {
                    batch.clear();
                    room = batcher.open(next);
                    assertThat(room.takes(next)).isTrue();
                }
                room.add(next);
                batch.add(next);
                PagedBatch pages = PagedBatch.plan(layout, pageSize, batch);
                assertThat(pages.queryTokens())
                        .isEqualTo(room.queryTokensTaken())
                        .isLessThanOrEqualTo(room.mostQueryTokens());
                assertThat(pages.containerTokens()).isLessThanOrEqualTo(room.mostSlots() + pageSize);
                if (batch.size() > 1) {
                    assertThat(batch.size()).isLessThanOrEqualTo(limits.maxSequences());
                    assertThat(batch.stream().mapToLong(SequenceLengths::tokens).sum())
                            .isLessThanOrEqualTo(limits.maxTokens());
                }
            }
        });
    }

    @Test
    void everyTokenHasASlotOfItsOwnAndIsFoundThere() {
        Fuzz.inputs(2000, random -> {
            PageLayout layout = PageLayout.values()[random.nextInt(2)];
            List<SequenceLengths> lengths = lengths(random, 8, 60);
            PagedBatch pages = PagedBatch.plan(layout, 1 << random.nextInt(7), lengths);
            byte[] slots = new byte[pages.containerTokens()];
            Arrays.fill(slots, (byte) -1);
            Container container = new Container(pages, pages.keyTable(), ByteBuffer.wrap(slots), 1);
            container.zeroTails();
            for (int i = 0; i < lengths.size(); i++) {
                byte mark = (byte) (i + 1);
                container.write(i, (first, tokens, target, at) -> {
                    for (int t = 0; t < tokens; t++) {
                        assertThat(target.get(at + t)).as("slot of two tokens").isLessThanOrEqualTo((byte) 0);
                        target.put(at + t, mark);
                    }
                });
            }
            for (int i = 0; i < lengths.size(); i++) {
                for (int token = 0; token < lengths.get(i).kvTokens(); token++) {
                    assertThat(slots[container.slot(i, token)]).isEqualTo((byte) (i + 1));
                }
            }
            for (byte slot : slots) {
                assertThat(slot).as("slot that is neither a token's nor zeroed").isNotNegative();
            }
        });
    }

    @Test
    void tablesMadeElsewhereFitOrAreRefused() {
        Fuzz.inputs(
                2000,
                random -> Fuzz.mayRefuse(IllegalArgumentException.class, () -> {
                    List<SequenceLengths> lengths = lengths(random, 4, 40);
                    int[][] rows = IntStream.range(0, random.nextInt(5))
                            .mapToObj(i -> random.ints(random.nextInt(4), 0, 40).toArray())
                            .toArray(int[][]::new);
                    PageTable table = new PageTable(rows);
                    int slots = random.nextInt(200);
                    int pageSize = random.nextInt(20);
                    PageLayout layout = PageLayout.values()[random.nextInt(2)];
                    PagedBatch pages = PagedBatch.of(layout, pageSize, lengths, table, table, slots);
                    assertThat(pages.pageSlot(table.highestPage()) + pageSize).isLessThanOrEqualTo(slots);
                }));
    }

    private static List<SequenceLengths> lengths(Random random, int most, int longest) {
        return random.ints(random.nextInt(most + 1), 0, longest)
                .mapToObj(tokens -> new SequenceLengths(random.nextInt(longest), tokens))
                .toList();
    }
}
