package org.pagedattention.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.AutogradState;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.tensor.ElementType;

/** PyTorch's fused scaled_dot_product_attention, in one padded call or one call a sequence. */
final class TorchSdpa implements Contender {
    private final Problem problem;
    private final LongSupplier clock;
    private final boolean padded;
    private final boolean causal;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Tensor> outputs = new ArrayList<>();
    private TensorOptional mask = new TensorOptional();

    TorchSdpa(Problem problem, boolean padded, Options options) {
        clock = options.clock();
        this.problem = problem;
        this.padded = padded;
        causal = problem.spec().mask().band() == Mask.Band.CAUSAL;
        torch.set_num_threads(options.threads());
        AutogradState.get_tls_state().set_grad_mode(false);
        if (padded) {
            add(problem.q(), problem.k(), problem.v(), problem.longest());
            if (problem.isRagged() && !causal) {
                mask = new TensorOptional(lengthMask());
            }
        } else {
            for (int i = 0; i < problem.sequences(); i++) {
                add(one(problem.q()[i]), one(problem.k()[i]), one(problem.v()[i]), problem.tokens(i));
            }
        }
    }

    @Override
    public String name() {
        return "pytorch";
    }

    @Override
    public String use() {
        return padded ? "one call" : "per sequence";
    }

    @Override
    public long runNanos() {
        outputs.forEach(Tensor::close);
        outputs.clear();
        AttentionSpec spec = problem.spec();
        long start = clock.getAsLong();
        for (int i = 0; i < inputs.size(); i += 3) {
            outputs.add(torch.scaled_dot_product_attention(
                    inputs.get(i),
                    inputs.get(i + 1),
                    inputs.get(i + 2),
                    mask,
                    0.0,
                    causal,
                    new DoubleOptional(spec.scale()),
                    false));
        }
        return clock.getAsLong() - start;
    }

    @Override
    public float[] output(int sequence) {
        AttentionSpec spec = problem.spec();
        Tensor tensor = outputs.get(padded ? 0 : sequence);
        try (Tensor wide = tensor.to(torch.ScalarType.Float);
                Tensor floats = wide.contiguous()) {
            float[] values = new float[Math.toIntExact(floats.numel())];
            new FloatPointer(floats.data_ptr()).get(values);
            int length = problem.tokens(sequence);
            int tokens = padded ? problem.longest() : length;
            return PeerTensors.tokenMajor(
                    values, padded ? sequence : 0, length, tokens, spec.queryHeads(), spec.valueDim());
        }
    }

    @Override
    public void close() {
        inputs.forEach(Tensor::close);
        outputs.forEach(Tensor::close);
    }

    /** Grouped heads are repeated beforehand: the fused kernel then has no more to do, and its best layout. */
    private void add(float[][] q, float[][] k, float[][] v, int tokens) {
        AttentionSpec spec = problem.spec();
        int heads = spec.queryHeads();
        int group = spec.groupSize();
        inputs.add(tensor(q, tokens, heads, spec.headDim()));
        inputs.add(tensor(
                PeerTensors.repeatHeads(k, spec.kvHeads(), spec.headDim(), group), tokens, heads, spec.headDim()));
        inputs.add(tensor(
                PeerTensors.repeatHeads(v, spec.kvHeads(), spec.valueDim(), group), tokens, heads, spec.valueDim()));
    }

    private Tensor tensor(float[][] sequences, int tokens, int heads, int dim) {
        float[] values = PeerTensors.headMajor(sequences, tokens, heads, dim);
        return Tensor.create(values, sequences.length, heads, tokens, dim).to(type());
    }

    /** Added to scores: 0 for a sequence's own keys, -infinity for its padding. */
    private Tensor lengthMask() {
        int tokens = problem.longest();
        float[] bias = new float[problem.sequences() * tokens];
        for (int i = 0; i < problem.sequences(); i++) {
            for (int t = problem.tokens(i); t < tokens; t++) {
                bias[i * tokens + t] = Float.NEGATIVE_INFINITY;
            }
        }
        return Tensor.create(bias, problem.sequences(), 1, 1, tokens).to(type());
    }

    private torch.ScalarType type() {
        ElementType type = problem.spec().type();
        return switch (type) {
            case FP32 -> torch.ScalarType.Float;
            case FP16 -> torch.ScalarType.Half;
            case BF16 -> torch.ScalarType.BFloat16;
        };
    }

    private static float[][] one(float[] sequence) {
        return new float[][] {sequence};
    }
}
