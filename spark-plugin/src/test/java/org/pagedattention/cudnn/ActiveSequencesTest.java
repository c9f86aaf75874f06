package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

class ActiveSequencesTest {
    @Test
    void putsTheMaskOfASingleQueryIntoTheKeyCount() {
        assertThat(kvLengths(Mask.causal(), lengths(1, 300), lengths(1, 1))).containsExactly(1, 1);
        assertThat(kvLengths(Mask.causalBottomRight(), lengths(1, 300), lengths(1, 1)))
                .containsExactly(300, 1);
        assertThat(kvLengths(Mask.none(), lengths(1, 300), lengths(1, 1))).containsExactly(300, 1);
        assertThat(kvLengths(Mask.none().withWindow(5), lengths(1, 300))).containsExactly(300);
        assertThat(kvLengths(Mask.causal().withWindow(5), lengths(1, 300))).containsExactly(1);
    }

    @Test
    void decodesWhenEveryQuerySeesTheFirstKey() {
        assertThat(active(Mask.causal(), lengths(1, 300), lengths(0, 4), lengths(1, 1))
                        .decode())
                .isTrue();
        assertThat(active(Mask.causalBottomRight().withWindow(64), lengths(1, 64))
                        .decode())
                .isTrue();
        assertThat(active(Mask.causalBottomRight().withWindow(64), lengths(1, 65))
                        .decode())
                .as("a window that hides the first key")
                .isFalse();
        assertThat(active(Mask.causal(), lengths(1, 300), lengths(2, 2)).decode())
                .as("a mixture")
                .isFalse();
    }

    @Test
    void keepsKeyCountsOfMixtures() {
        assertThat(kvLengths(Mask.causal(), lengths(1, 300), lengths(2, 7))).containsExactly(300, 7);
    }

    @Test
    void givesNoSlotToSequencesWithoutQueries() {
        ActiveSequences active = active(Mask.causal(), lengths(0, 0), lengths(3, 3), lengths(0, 9), lengths(2, 2));
        assertThat(active.count()).isEqualTo(2);
        assertThat(active.sequences().get(0)).isEqualTo(1);
        assertThat(active.sequences().get(1)).isEqualTo(3);
    }

    @Test
    void neverTellsCudnnOfZeroKeys() {
        assertThat(kvLengths(Mask.causal(), lengths(3, 0), lengths(2, 2))).containsExactly(1, 2);
        assertThat(active(Mask.none()).longestKv()).isZero();
    }

    private static int[] kvLengths(Mask mask, SequenceLengths... lengths) {
        ActiveSequences active = active(mask, lengths);
        int[] kv = new int[active.count()];
        Arrays.setAll(kv, active.kvLengths()::get);
        return kv;
    }

    private static ActiveSequences active(Mask mask, SequenceLengths... lengths) {
        return ActiveSequences.of(PagedBatch.plan(PageLayout.PADDED, 16, List.of(lengths)), mask);
    }

    private static SequenceLengths lengths(int queries, int keys) {
        return new SequenceLengths(queries, keys);
    }
}
