package org.pagedattention.cudnn.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

class PoolPagesTest {
    private static final PagedBatch TOKENS = PagedBatch.plan(
            PageLayout.PACKED,
            64,
            IntStream.of(3, 1, 130).mapToObj(n -> new SequenceLengths(n, n)).toList());

    @Test
    void namesAllTokensOfASequence() {
        PagedBatch pages = PoolPages.all(TOKENS, 0);
        assertThat(pages.allLengths())
                .isEqualTo(List.of(new SequenceLengths(1, 3), new SequenceLengths(1, 1), new SequenceLengths(1, 130)));
        assertThat(pages.keyTable().page(1, 0)).isEqualTo(3);
        assertThat(IntStream.range(0, 3).map(p -> pages.keyTable().page(2, p))).containsExactly(4, 68, 132);
        assertThat(pages.containerTokens()).isEqualTo(134 + 63);
    }

    @Test
    void skipsTheFirst() {
        PagedBatch pages = PoolPages.all(TOKENS, 2);
        assertThat(pages.allLengths())
                .isEqualTo(List.of(new SequenceLengths(1, 1), new SequenceLengths(1, 0), new SequenceLengths(1, 128)));
        assertThat(pages.keyTable().page(0, 0)).isEqualTo(2);
        assertThat(pages.keyTable().page(2, 1)).isEqualTo(70);
        assertThat(keys(PoolPages.first(TOKENS, 1))).containsExactly(1, -1, 5);
        assertThat(keys(PoolPages.last(TOKENS, 1))).containsExactly(2, -1, 133);
        assertThat(keys(PoolPages.last(TOKENS, 0))).containsExactly(2, 3, 133);
    }

    @Test
    void looksAheadWithinASequence() {
        assertThat(RowRun.ahead(TOKENS, 2))
                .containsExactly(
                        new RowRun(2, 0, 1), new RowRun(1, 1, 3), new RowRun(6, 4, 128), new RowRun(132, 132, 2));
        assertThat(RowRun.of(new int[0])).isEmpty();
    }

    /** The row that each sequence names, -1 where it names none. */
    private static List<Integer> keys(PagedBatch pages) {
        return IntStream.range(0, pages.sequences())
                .mapToObj(s ->
                        pages.lengths(s).kvTokens() == 0 ? -1 : pages.keyTable().page(s, 0))
                .toList();
    }
}
