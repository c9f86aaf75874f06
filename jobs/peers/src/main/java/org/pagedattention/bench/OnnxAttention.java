package org.pagedattention.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;

/** ONNX Runtime's Attention operator, in one padded call with lengths or one call a sequence; fp32 only. */
final class OnnxAttention implements Contender {
    private final Problem problem;
    private final LongSupplier clock;
    private final boolean padded;
    private final OrtSession session;
    private final List<Map<String, OnnxTensor>> calls = new ArrayList<>();
    private final List<OnnxTensor> outputs = new ArrayList<>();
    private final List<FloatBuffer> results = new ArrayList<>();

    OnnxAttention(Problem problem, boolean padded, Options options) {
        clock = options.clock();
        this.problem = problem;
        this.padded = padded;
        AttentionSpec spec = problem.spec();
        boolean causal = spec.mask().band() == Mask.Band.CAUSAL;
        boolean lengths = padded && problem.isRagged() && !causal;
        try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
            settings.setIntraOpNumThreads(options.threads());
            settings.setInterOpNumThreads(1);
            byte[] model = OnnxModel.attention(causal, spec.scale(), lengths);
            session = OrtEnvironment.getEnvironment().createSession(model, settings);
            if (padded) {
                add(problem.q(), problem.k(), problem.v(), problem.longest());
                if (lengths) {
                    calls.get(0).put("L", lengths());
                }
            } else {
                for (int i = 0; i < problem.sequences(); i++) {
                    add(one(problem.q()[i]), one(problem.k()[i]), one(problem.v()[i]), problem.tokens(i));
                }
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String name() {
        return "onnxruntime";
    }

    @Override
    public String use() {
        return padded ? "one call" : "per sequence";
    }

    @Override
    public long runNanos() {
        try {
            long start = clock.getAsLong();
            for (int i = 0; i < calls.size(); i++) {
                session.run(calls.get(i), Map.of("Y", outputs.get(i))).close();
            }
            return clock.getAsLong() - start;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] output(int sequence) {
        AttentionSpec spec = problem.spec();
        FloatBuffer result = results.get(padded ? 0 : sequence);
        float[] values = new float[result.capacity()];
        result.get(0, values);
        int length = problem.tokens(sequence);
        int tokens = padded ? problem.longest() : length;
        return PeerTensors.tokenMajor(
                values, padded ? sequence : 0, length, tokens, spec.queryHeads(), spec.valueDim());
    }

    @Override
    public void close() {
        try {
            calls.forEach(call -> call.values().forEach(OnnxTensor::close));
            outputs.forEach(OnnxTensor::close);
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(float[][] q, float[][] k, float[][] v, int tokens) throws OrtException {
        AttentionSpec spec = problem.spec();
        Map<String, OnnxTensor> call = new HashMap<>();
        call.put("Q", tensor(q, tokens, spec.queryHeads(), spec.headDim()));
        call.put("K", tensor(k, tokens, spec.kvHeads(), spec.headDim()));
        call.put("V", tensor(v, tokens, spec.kvHeads(), spec.valueDim()));
        calls.add(call);
        FloatBuffer result = direct(q.length * spec.queryHeads() * tokens * spec.valueDim());
        results.add(result);
        long[] shape = {q.length, spec.queryHeads(), tokens, spec.valueDim()};
        outputs.add(OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), result, shape));
    }

    private static OnnxTensor tensor(float[][] sequences, int tokens, int heads, int dim) throws OrtException {
        float[] values = PeerTensors.headMajor(sequences, tokens, heads, dim);
        FloatBuffer buffer = direct(values.length).put(0, values);
        long[] shape = {sequences.length, heads, tokens, dim};
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, shape);
    }

    private OnnxTensor lengths() throws OrtException {
        long[] lengths = problem.lengths().stream().mapToLong(l -> l.kvTokens()).toArray();
        long[] shape = {lengths.length};
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), LongBuffer.wrap(lengths), shape);
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static float[][] one(float[] sequence) {
        return new float[][] {sequence};
    }
}
