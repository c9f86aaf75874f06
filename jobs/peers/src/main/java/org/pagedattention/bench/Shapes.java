package org.pagedattention.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.jobs.bench.CpuBenchmark;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** What is compared. */
final class Shapes {
    private Shapes() {}

    /** The shapes of one element type; peers are so slow in 16 bits that the long ones are left out there. */
    static List<CpuBenchmark.Shape> of(ElementType type) {
        List<CpuBenchmark.Shape> shapes = new ArrayList<>();
        shapes.add(fixed(4, 12, 12, 1024, 64, type, Mask.causal()));
        for (Mask mask : List.of(Mask.causal(), Mask.none())) {
            for (int headDim : new int[] {64, 128}) {
                shapes.add(fixed(4, 8, 8, 512, headDim, type, mask));
                shapes.add(fixed(1, 8, 8, 2048, headDim, type, mask));
                if (type == ElementType.FP32) {
                    shapes.add(fixed(1, 8, 8, 8192, headDim, type, mask));
                }
            }
            shapes.add(fixed(1, 32, 4, 2048, 128, type, mask));
            shapes.add(ragged(16, type, mask));
        }
        return shapes;
    }

    private static CpuBenchmark.Shape fixed(
            int batch, int queryHeads, int kvHeads, int tokens, int headDim, ElementType type, Mask mask) {
        String name = "b" + batch + " hq" + queryHeads + " hkv" + kvHeads + " s" + tokens + " d" + headDim;
        List<SequenceLengths> lengths = Collections.nCopies(batch, new SequenceLengths(tokens, tokens));
        return new CpuBenchmark.Shape(name, spec(queryHeads, kvHeads, headDim, type, mask), lengths);
    }

    private static CpuBenchmark.Shape ragged(int sequences, ElementType type, Mask mask) {
        String name = "ragged b" + sequences + " hq8 hkv8 d64";
        return new CpuBenchmark.Shape(name, spec(8, 8, 64, type, mask), CpuBenchmark.ragged(sequences, 512, 4096));
    }

    private static AttentionSpec spec(int queryHeads, int kvHeads, int headDim, ElementType type, Mask mask) {
        float scale = AttentionSpec.defaultScale(headDim);
        return new AttentionSpec(queryHeads, kvHeads, headDim, headDim, type, mask, scale);
    }
}
