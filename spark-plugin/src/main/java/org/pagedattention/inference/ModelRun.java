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

/** One pass of a model over a batch of rows, and what comes out for each of them. */
final class ModelRun {
    private ModelRun() {}

    /**
     * Runs all rows in one pass.
     *
     * @param problem what keeps a row from the model
     * @return for each row, its row of the result
     * @throws IllegalArgumentException when the model cannot take a row
     */
    static List<float[]> run(
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
        try (Pass pass = backend.begin(batch.pages())) {
            Tensor result = forward.apply(pass, batch);
            return split(pass.read(result), rows.size(), result.shape().columns());
        }
    }

    private static List<float[]> split(FloatBuffer values, int rows, int columns) {
        List<float[]> split = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            float[] row = new float[columns];
            values.get(i * columns, row);
            split.add(row);
        }
        return split;
    }
}
