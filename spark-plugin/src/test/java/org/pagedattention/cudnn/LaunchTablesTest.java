package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

class LaunchTablesTest {
    private static final List<SequenceLengths> LENGTHS =
            List.of(new SequenceLengths(3, 20), new SequenceLengths(0, 9), new SequenceLengths(2, 5));

    @Test
    void tellsLengthsPagesAndOffsetsOfActiveSequences() {
        PagedBatch batch = PagedBatch.plan(PageLayout.PADDED, 8, LENGTHS);
        Written written = write(batch, Mask.causal().withWindow(7), false);
        assertThat(written.ints(SdpaTensor.QUERY_LENGTHS, 4)).containsExactly(3, 2, 0, 0);
        assertThat(written.ints(SdpaTensor.KV_LENGTHS, 4)).containsExactly(20, 5, 1, 1);
        int zero = ContainerExtent.of(batch).zeroPage();
        assertThat(written.ints(SdpaTensor.KEY_TABLE, 4)).containsExactly(0, 1, 2, zero);
        int width = 256 / 8;
        assertThat(written.ints(SdpaTensor.KEY_TABLE, width, width + 3)).containsExactly(5, zero, zero);
        assertThat(written.ints(SdpaTensor.KEY_TABLE, 2 * width, 4 * width)).containsOnly(zero);
        assertThat(written.ints(SdpaTensor.QUERY_OFFSETS, 5)).containsExactly(0, 3 * 128, 5 * 128, 5 * 128, 5 * 128);
        assertThat(written.ints(SdpaTensor.OUTPUT_OFFSETS, 5)).containsExactly(0, 3 * 64, 5 * 64, 5 * 64, 5 * 64);
        assertThat(written.ints(SdpaTensor.LSE_OFFSETS, 5)).containsExactly(0, 12, 20, 20, 20);
        assertThat(written.number(SdpaTensor.SCALE)).isEqualTo(0.5f);
        assertThat(written.number(SdpaTensor.FUTURE_SCORE)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(written.number(SdpaTensor.WINDOW)).isEqualTo(7f);
    }

    @Test
    void sharesOneTableOrWritesTwo() {
        PagedBatch batch = PagedBatch.plan(PageLayout.PACKED, 8, LENGTHS);
        Written one = write(batch, Mask.causal(), false);
        assertThat(one.addresses.get(SdpaTensor.VALUE_TABLE)).isEqualTo(one.addresses.get(SdpaTensor.KEY_TABLE));
        PageTable values = new PageTable(new int[][] {{4, 3, 2}, {1, 0}, {5}});
        PagedBatch apart =
                PagedBatch.of(PageLayout.PADDED, 8, LENGTHS, batch(LENGTHS).keyTable(), values, 48);
        Written two = write(apart, Mask.causal(), false);
        assertThat(two.ints(SdpaTensor.KEY_TABLE, 3)).containsExactly(0, 1, 2);
        assertThat(two.ints(SdpaTensor.VALUE_TABLE, 3)).containsExactly(4, 3, 2);
    }

    @Test
    void writesWideOffsets() {
        Written written = write(batch(LENGTHS), Mask.causal(), true);
        int at = written.at(SdpaTensor.QUERY_OFFSETS);
        assertThat(written.buffer.getLong(at + 8)).isEqualTo(3 * 128);
    }

    @Test
    void countsTheWindowInIntegersWhereLastTokensAlign() {
        Written written = write(batch(LENGTHS), Mask.causalBottomRight().withWindow(9), false);
        assertThat(written.buffer.getInt(written.at(SdpaTensor.WINDOW))).isEqualTo(9);
    }

    @Test
    void keepsAnEndlessWindowFromOverflowing() {
        Written written = write(batch(LENGTHS), Mask.causalBottomRight().withWindow(Integer.MAX_VALUE), false);
        assertThat(written.buffer.getInt(written.at(SdpaTensor.WINDOW))).isEqualTo(512);
    }

    @Test
    void namesThePageOfZerosBehindTheContainer() {
        assertThat(ContainerExtent.of(batch(LENGTHS))).isEqualTo(new ContainerExtent(48, 6, 56));
        PagedBatch packed = PagedBatch.plan(PageLayout.PACKED, 8, LENGTHS);
        assertThat(ContainerExtent.of(packed)).isEqualTo(new ContainerExtent(41, 41, 49));
    }

    private static PagedBatch batch(List<SequenceLengths> lengths) {
        return PagedBatch.plan(PageLayout.PADDED, 8, lengths);
    }

    @Test
    void tellsEachQueryItsRangeOfKeys() {
        List<SequenceLengths> lengths = List.of(new SequenceLengths(2, 2), new SequenceLengths(3, 4));
        PagedBatch batch = PagedBatch.plan(PageLayout.PACKED, 8, lengths);
        Mask mask = Mask.causalBottomRight();
        Packing packing = Packing.of(batch, mask, ActiveSequences.of(batch, mask), Packing.When.ALWAYS);
        SdpaShape shape = ShapeBuckets.COARSE.packed(spec(Mask.none()), batch, packing.packed(), true);
        Written written = write(new LaunchTables(spec(Mask.none()), batch, packing.packed(), shape));
        assertThat(written.ints(SdpaTensor.QUERY_LENGTHS, 2)).containsExactly(5, 0);
        assertThat(written.ints(SdpaTensor.KV_LENGTHS, 2)).containsExactly(6, 1);
        assertThat(written.ints(SdpaTensor.KEY_TABLE, 2))
                .containsExactly(0, ContainerExtent.of(batch).zeroPage());
        assertThat(written.ints(SdpaTensor.FIRST_KEYS, 6)).containsExactly(0, 0, 2, 2, 2, 0);
        assertThat(written.ints(SdpaTensor.END_KEYS, 6)).containsExactly(1, 2, 4, 5, 6, 1);
        assertThat(written.ints(SdpaTensor.QUERY_OFFSETS, 3)).containsExactly(0, 5 * 128, 5 * 128);
    }

    /** The tables of {@code batch} in a graph of 4 slots of 256 tokens. */
    private static Written write(PagedBatch batch, Mask mask, boolean wide) {
        PageShape pages = new PageShape(8, batch.layout().pageStride(8), 1000);
        SdpaShape shape = new SdpaShape(
                ElementType.FP16,
                4,
                4,
                2,
                32,
                16,
                256,
                256,
                pages,
                mask.band(),
                mask.window() > 0,
                true,
                wide,
                true,
                true,
                false,
                null);
        return write(new LaunchTables(spec(mask), batch, ActiveSequences.of(batch, mask), shape));
    }

    private static AttentionSpec spec(Mask mask) {
        return new AttentionSpec(4, 2, 32, 16, ElementType.FP16, mask, 0.5f);
    }

    private static Written write(LaunchTables tables) {
        ByteBuffer buffer = ByteBuffer.allocate((int) tables.hostBytes()).order(ByteOrder.LITTLE_ENDIAN);
        tables.write(buffer, Float.NEGATIVE_INFINITY);
        Map<TensorId, Long> addresses = new HashMap<>();
        tables.resolve(0, 0, addresses);
        assertThat(addresses.get(SdpaTensor.SCALE)).isGreaterThanOrEqualTo(tables.deviceBytes());
        return new Written(buffer, addresses);
    }

    private record Written(ByteBuffer buffer, Map<TensorId, Long> addresses) {
        int at(SdpaTensor id) {
            return addresses.get(id).intValue();
        }

        int[] ints(SdpaTensor id, int count) {
            return ints(id, 0, count);
        }

        int[] ints(SdpaTensor id, int from, int to) {
            return IntStream.range(from, to)
                    .map(i -> buffer.getInt(at(id) + 4 * i))
                    .toArray();
        }

        float number(SdpaTensor id) {
            return buffer.getFloat(at(id));
        }
    }
}
