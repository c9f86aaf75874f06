package org.pagedattention.inference;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.TokenBatch;
import org.pagedattention.model.TokenIds;

/** One pass of a model over a batch of rows, on its way: {@link #await}, close. For one thread. */
public final class ModelRun implements AutoCloseable {
    private final Pass pass;
    private final Tensor result;

    private ModelRun(Pass pass, Tensor result) {
        this.pass = pass;
        this.result = result;
    }

    /**
     * Starts all rows in one pass.
     *
     * @param problem what keeps a row from the model
     * @throws IllegalArgumentException when the model cannot take a row
     */
    static ModelRun start(
            ModelBackend backend,
            List<TokenIds> rows,
            Function<TokenIds, Optional<String>> problem,
            BiFunction<Pass, TokenBatch, Tensor> forward) {
        for (int i = 0; i < rows.size(); i++) {
            Optional<String> found = problem.apply(rows.get(i));
            if (found.isPresent()) {
                throw new IllegalArgumentException("row " + i + " of the batch cannot be computed: " + found.get());
            }
        }
        TokenBatch batch = TokenBatch.of(rows);
        Pass pass = backend.begin(batch.pages());
        try {
            Tensor result = forward.apply(pass, batch);
            pass.start(result);
            return new ModelRun(pass, result);
        } catch (RuntimeException | Error e) {
            pass.close();
            throw e;
        }
    }

    /** Waits for the pass and returns, for each row, its row of the result. */
    public List<float[]> await() {
        FloatBuffer values = pass.read(result);
        int columns = result.shape().columns();
        List<float[]> split = new ArrayList<>();
        for (int i = 0; i < result.shape().rows(); i++) {
            float[] row = new float[columns];
            values.get(i * columns, row);
            split.add(row);
        }
        return split;
    }

    /** Gives all memory back, also while the pass is under way. */
    @Override
    public void close() {
        pass.close();
    }
}
