package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

class HiddenQueriesTest {
    @ParameterizedTest
    @CsvSource({
        // queries, keys, band, window: the visible range of queries
        "5,2,CAUSAL_BOTTOM_RIGHT,0,3,5",
        "5,5,CAUSAL_BOTTOM_RIGHT,1,0,5",
        "5,2,CAUSAL,0,0,5",
        "5,2,CAUSAL,1,0,2",
        "5,2,NONE,2,0,3",
        "5,0,NONE,0,0,0",
        "2,5,CAUSAL,1,0,2"
    })
    void findsQueriesThatSeeNoKey(int queries, int keys, Mask.Band band, int window, int from, int to) {
        AttentionSpec spec = new AttentionSpec(2, 1, 8, 8, ElementType.FP16, new Mask(band, window), 1);
        PagedBatch pages = PagedBatch.plan(
                PageLayout.PADDED, 16, List.of(new SequenceLengths(3, 3), new SequenceLengths(queries, keys)));
        HiddenQueries hidden = HiddenQueries.of(spec, pages);
        int[] found = hidden.runs().stream()
                .flatMapToInt(run -> IntStream.range(run.first(), run.first() + run.count()))
                .toArray();
        int[] expected = IntStream.range(0, queries)
                .filter(t -> t < from || t >= to)
                .map(t -> 3 + t)
                .toArray();
        assertThat(found).isEqualTo(expected);
        int longest = Math.max(from, queries - to);
        assertThat(hidden.hostBytes()).isEqualTo(longest * 2 * 4L);
    }
}
