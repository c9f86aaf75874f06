package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionOutput;
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
    void clearsQueriesThatSeeNoKey(int queries, int keys, Mask.Band band, int window, int from, int to) {
        AttentionSpec spec = new AttentionSpec(2, 1, 8, 8, ElementType.FP16, new Mask(band, window), 1);
        PagedBatch pages = PagedBatch.plan(
                PageLayout.PADDED, 16, List.of(new SequenceLengths(3, 3), new SequenceLengths(queries, keys)));
        ByteBuffer o = ByteBuffer.allocate((3 + queries) * 32).order(ByteOrder.LITTLE_ENDIAN);
        FloatBuffer lse = FloatBuffer.allocate((3 + queries) * 2);
        for (int i = 0; i < o.capacity(); i += 2) {
            o.putShort(i, (short) 1);
        }
        HiddenQueries.clear(spec, pages, new AttentionOutput(o, false, lse));
        for (int t = 0; t < 3 + queries; t++) {
            boolean visible = t < 3 || (t - 3 >= from && t - 3 < to);
            assertThat(o.getLong(t * 32 + 24)).as("query %d", t - 3).isEqualTo(visible ? 0x0001_0001_0001_0001L : 0);
            assertThat(lse.get(t * 2 + 1)).isEqualTo(visible ? 0 : Float.NEGATIVE_INFINITY);
        }
    }
}
