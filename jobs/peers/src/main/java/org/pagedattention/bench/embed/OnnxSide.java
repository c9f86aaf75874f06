package org.pagedattention.bench.embed;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pagedattention.inference.Embedder;
import org.pagedattention.jobs.bench.embed.Side;
import org.pagedattention.model.TokenIds;

/** ONNX Runtime on the model that it was exported for, with mean pooling in Java; texts are tokenized as for ours. */
final class OnnxSide extends Side {
    private final Batching batching;
    private final int taskCount;
    private final int threads;
    private final OrtSession session;

    /**
     * @param tokenizer only its tokens are used
     * @param taskCount threads that call the one session
     * @param threads of a call
     */
    OnnxSide(byte[] model, Embedder tokenizer, Batching batching, int taskCount, int threads) {
        super(tokenizer, taskCount * threads, taskCount);
        this.batching = batching;
        this.taskCount = taskCount;
        this.threads = threads;
        try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
            settings.setIntraOpNumThreads(threads);
            settings.setInterOpNumThreads(1);
            settings.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = OrtEnvironment.getEnvironment().createSession(model, settings);
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
        return batching + ", " + taskCount + " x " + threads + (threads == 1 ? " thread" : " threads");
    }

    @Override
    protected List<List<Integer>> batches(List<TokenIds> rows) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, rows.size()).boxed().toList());
        if (batching.sorted()) {
            order.sort(Comparator.comparingInt(i -> rows.get(i).length()));
        }
        List<List<Integer>> batches = new ArrayList<>();
        for (int from = 0; from < order.size(); from += batching.size()) {
            batches.add(order.subList(from, Math.min(order.size(), from + batching.size())));
        }
        return batches;
    }

    @Override
    protected List<float[]> run(List<TokenIds> rows) {
        int longest = rows.stream().mapToInt(TokenIds::length).max().orElse(1);
        long[] ids = new long[rows.size() * longest];
        long[] mask = new long[ids.length];
        for (int r = 0; r < rows.size(); r++) {
            for (int t = 0; t < rows.get(r).length(); t++) {
                ids[r * longest + t] = rows.get(r).ids()[t];
            }
            Arrays.fill(mask, r * longest, r * longest + rows.get(r).length(), 1);
        }
        long[] shape = {rows.size(), longest};
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OnnxTensor inputIds = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                OnnxTensor attention = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
                OnnxTensor types = OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[ids.length]), shape);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", inputIds, "attention_mask", attention, "token_type_ids", types))) {
            FloatBuffer states = ((OnnxTensor) result.get(0)).getFloatBuffer();
            int hidden = states.remaining() / ids.length;
            List<float[]> vectors = new ArrayList<>();
            for (int r = 0; r < rows.size(); r++) {
                vectors.add(pool(states, r * longest * hidden, rows.get(r).length(), hidden));
            }
            return vectors;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The mean of a row's tokens, of length 1. */
    private static float[] pool(FloatBuffer states, int from, int tokens, int hidden) {
        float[] sum = new float[hidden];
        float[] state = new float[hidden];
        for (int t = 0; t < tokens; t++) {
            states.get(from + t * hidden, state);
            for (int i = 0; i < hidden; i++) {
                sum[i] += state[i];
            }
        }
        double squares = 0;
        for (float value : sum) {
            squares += (double) value * value;
        }
        float factor = (float) (1 / Math.sqrt(squares));
        for (int i = 0; i < hidden; i++) {
            sum[i] *= factor;
        }
        return sum;
    }

    @Override
    public void close() {
        super.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
