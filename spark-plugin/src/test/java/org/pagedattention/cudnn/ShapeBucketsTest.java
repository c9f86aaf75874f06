package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.cudnn.library.CudnnVersion;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

class ShapeBucketsTest {
    private static final AttentionSpec SPEC = new AttentionSpec(8, 2, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);

    @ParameterizedTest
    @CsvSource({"0,256", "1,256", "256,256", "257,1024", "1024,1024", "1025,4096", "65536,65536"})
    void roundsTokensUpToPowersOfFour(int tokens, int bucket) {
        assertThat(ShapeBuckets.COARSE.tokens(tokens)).isEqualTo(bucket);
    }

    @ParameterizedTest
    @CsvSource({
        "1,65536,1",
        "2,65536,4",
        "5,65536,16",
        "1,256,256",
        "257,256,1024",
        "64,4096,64",
        "65,4096,256",
        "1,1,16",
        "64,1,64"
    })
    void roundsSlotsUpToPowersOfFour(int sequences, int maxQuery, int slots) {
        assertThat(ShapeBuckets.COARSE.slots(sequences, maxQuery)).isEqualTo(slots);
    }

    @ParameterizedTest
    @EnumSource(PageLayout.class)
    void needsFewPlansForManyLengths(PageLayout layout) {
        Set<SdpaShape> shapes = new HashSet<>();
        for (PagedBatch batch : LogNormal.batches(layout, 64, SPEC)) {
            shapes.add(shape(batch));
        }
        assertThat(shapes).as(layout.toString()).hasSizeLessThanOrEqualTo(12);
    }

    @ParameterizedTest
    @EnumSource(PageLayout.class)
    void boundsEveryPageNumber(PageLayout layout) {
        for (PagedBatch batch : LogNormal.batches(layout, 16, SPEC)) {
            PageShape pages = shape(batch).pages();
            assertThat(pages).isNotNull();
            assertThat(pages.pages()).isGreaterThan(ContainerExtent.of(batch).zeroPage());
        }
    }

    @Test
    void decodesWithoutMask() {
        PagedBatch batch = PagedBatch.plan(
                PageLayout.PACKED, 64, List.of(new SequenceLengths(1, 300), new SequenceLengths(1, 20)));
        SdpaShape shape = shape(batch);
        assertThat(shape.maxQuery()).isEqualTo(1);
        assertThat(shape.band()).isEqualTo(Mask.Band.NONE);
        assertThat(shape.ragged()).isFalse();
    }

    @Test
    void givesEveryMixtureAGraphOfMoreThanOneRow() {
        PagedBatch batch = PagedBatch.plan(
                PageLayout.PACKED, 64, List.of(new SequenceLengths(1, 300), new SequenceLengths(2, 20)));
        assertThat(shape(batch).maxQuery()).isEqualTo(256);
        assertThat(shape(batch).band()).isEqualTo(Mask.Band.CAUSAL);
    }

    @ParameterizedTest
    @CsvSource({"5,256", "256,256", "257,512", "5000,8192", "8192,8192"})
    void seesOneSequenceAsARectangle(int tokens, int rows) {
        SdpaShape shape = shape(alike(1, tokens, tokens));
        assertThat(shape.ragged()).isFalse();
        assertThat(shape.slots()).isEqualTo(1);
        assertThat(shape.maxQuery()).isEqualTo(rows);
        assertThat(shape.maxKv()).isEqualTo(rows);
        assertThat(shape.queryRows(tokens)).isEqualTo(rows);
    }

    @Test
    void seesEqualLengthsThatFillTheirBucketAsARectangle() {
        SdpaShape shape = shape(alike(5, 1024, 1500));
        assertThat(shape.ragged()).isFalse();
        assertThat(shape.slots()).isEqualTo(8);
        assertThat(shape.maxQuery()).isEqualTo(1024);
        assertThat(shape.maxKv()).isEqualTo(2048);
    }

    /** Tensors in a caller's device memory end with their last row. */
    @Test
    void needsNoRowsBeyondTheLastWhereMixedIsAskedFor() {
        for (PagedBatch batch : List.of(alike(1, 300, 300), alike(5, 1024, 1024))) {
            ActiveSequences active = ActiveSequences.of(batch, SPEC.mask());
            SdpaShape shape = ShapeBuckets.COARSE.mixed(SPEC, batch, active, false);
            assertThat(shape.ragged()).isTrue();
            assertThat(shape.queryRows(batch.queryTokens())).isEqualTo(batch.queryTokens());
        }
    }

    /** Rectangle, decoding and needless padding mask are what would tell the graphs of these batches apart. */
    @Test
    void differsInExtentsAloneWhereBitsMustNot() {
        SdpaShape first = steady(alike(3, 700, 900));
        assertThat(List.of(alike(1, 256, 256), alike(4, 1024, 1024), alike(9, 1, 5000), alike(1, 1, 1)))
                .map(ShapeBucketsTest::steady)
                .allSatisfy(shape -> assertThat(shape)
                        .usingRecursiveComparison()
                        .ignoringFields("slots", "maxQuery", "maxKv", "pages")
                        .isEqualTo(first));
        assertThat(first.ragged()).isTrue();
        assertThat(first.paddingMask()).isTrue();
        assertThat(first.band()).isEqualTo(Mask.Band.CAUSAL);
    }

    private static SdpaShape steady(PagedBatch batch) {
        ActiveSequences active = ActiveSequences.of(batch, SPEC.mask(), true);
        return ShapeBuckets.COARSE.steady(SPEC, batch, active, false);
    }

    @Test
    void countsSequencesWithQueriesOnly() {
        PagedBatch batch = PagedBatch.plan(
                PageLayout.PACKED,
                64,
                List.of(new SequenceLengths(0, 9), new SequenceLengths(300, 300), new SequenceLengths(0, 0)));
        assertThat(shape(batch).ragged()).isFalse();
        assertThat(shape(batch).slots()).isEqualTo(1);
    }

    @Test
    void needsOffsetsWhereRowsDoNotFillTheRectangle() {
        assertThat(shape(alike(4, 1000, 1000)).ragged()).isTrue();
        PagedBatch mixed = PagedBatch.plan(
                PageLayout.PACKED, 64, List.of(new SequenceLengths(1024, 1024), new SequenceLengths(256, 256)));
        assertThat(shape(mixed).ragged()).isTrue();
    }

    @Test
    void keepsOffsetsWhereTheyMustBeWide() {
        SdpaShape large = shape(alike(1, 1 << 23, 1));
        assertThat(large.ragged()).isTrue();
        assertThat(large.wideOffsets()).isTrue();
        // 8 heads of 64: the rows fit 32 bits, those of their bucket do not
        assertThat(shape(alike(1, (1 << 22) - 1, 1)).ragged()).isTrue();
        assertThat(shape(alike(1, 1 << 21, 1)).ragged()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        // queries, keys, band, needed
        "300, 300, CAUSAL, false",
        "300, 301, CAUSAL, false",
        "300, 299, CAUSAL, true",
        "300, 299, CAUSAL_BOTTOM_RIGHT, false",
        "100, 228, CAUSAL_BOTTOM_RIGHT, false",
        "100, 229, CAUSAL_BOTTOM_RIGHT, true",
        "256, 256, CAUSAL_BOTTOM_RIGHT, false",
        "300, 0, CAUSAL_BOTTOM_RIGHT, false",
        "300, 256, NONE, false",
        "300, 255, NONE, true",
        "1, 200, CAUSAL, true",
        "1, 256, CAUSAL_BOTTOM_RIGHT, false",
    })
    void masksPaddingWhereAQueryWouldSeeIt(int queries, int keys, Mask.Band band, boolean needed) {
        AttentionSpec spec =
                new AttentionSpec(8, 2, 64, 64, ElementType.FP16, new Mask(band, 0), AttentionSpec.defaultScale(64));
        PagedBatch batch = alike(3, queries, keys);
        SdpaShape shape = ShapeBuckets.COARSE.shape(spec, batch, ActiveSequences.of(batch, spec.mask()), false);
        assertThat(shape.paddingMask()).isEqualTo(needed);
    }

    private static PagedBatch alike(int count, int queries, int keys) {
        return PagedBatch.plan(PageLayout.PACKED, 64, Collections.nCopies(count, new SequenceLengths(queries, keys)));
    }

    @ParameterizedTest
    @CsvSource({"1,64", "64,64", "65,80", "97,112", "113,128", "128,128", "557,640", "1024,1024", "1025,1280"})
    void roundsSharedSlotsUpByAQuarterAtMost(int slots, int rounded) {
        assertThat(ShapeBuckets.packedSlots(slots)).isEqualTo(rounded);
    }

    private static SdpaShape shape(PagedBatch batch) {
        return ShapeBuckets.COARSE.shape(SPEC, batch, ActiveSequences.of(batch, SPEC.mask()), false);
    }

    @Test
    void roundsLessWhereEmptyRowsCost() {
        GpuDevice hopper = new GpuDevice(0, "NVIDIA H200", 9, 0, 1);
        GpuDevice ampere = new GpuDevice(0, "NVIDIA A100", 8, 0, 1);
        assertThat(ShapeBuckets.of(hopper, CudnnVersion.of(91900))).isEqualTo(ShapeBuckets.COARSE);
        assertThat(ShapeBuckets.of(hopper, CudnnVersion.of(91400))).isEqualTo(ShapeBuckets.FINE);
        assertThat(ShapeBuckets.of(ampere, CudnnVersion.of(91900)))
                .isEqualTo(new ShapeBuckets(2, 4, 128, 1 << 14, true));
        assertThat(ShapeBuckets.of(hopper, CudnnVersion.of(91300)).alwaysMasked())
                .isTrue();
        assertThat(ShapeBuckets.FINE.tokens(129)).isEqualTo(256);
        assertThat(ShapeBuckets.FINE.tokens(1025)).isEqualTo(2048);
        assertThat(ShapeBuckets.FINE.slots(5, 4096)).isEqualTo(16);
    }
}
