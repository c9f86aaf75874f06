package org.pagedattention.scoring.models;

import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.scoring.Workload;
import org.pagedattention.scoring.WorkloadPlan;

/**
 * A language model over tables of texts.
 *
 * @param source where they are
 * @param folder the model's, as the driver found it
 * @param hadoop how executors reach it
 */
record LikelihoodPlan(
        LikelihoodRequest request,
        LikelihoodOptions options,
        LikelihoodSource source,
        ModelFolder folder,
        SerializableConfiguration hadoop)
        implements WorkloadPlan {

    @Override
    public Set<String> inputs() {
        return source.usedUp();
    }

    @Override
    public StructType results() {
        StructType results = new StructType()
                .add("log_likelihood", DataTypes.DoubleType, true)
                .add("tokens", DataTypes.IntegerType, true)
                .add("is_greedy", DataTypes.BooleanType, true)
                .add("truncated", DataTypes.BooleanType, true);
        StructType measured = source.ids()
                ? results
                : results.add("bytes", DataTypes.IntegerType, true).add("word_count", DataTypes.IntegerType, true);
        return request.tokenLogProbs()
                ? measured.add("token_log_probs", DataTypes.createArrayType(DataTypes.FloatType, false), true)
                : measured;
    }

    @Override
    public String withoutResult(String name) {
        return "leave it out of the input";
    }

    @Override
    public Workload<LikelihoodItem> open(int threads) {
        String backend = request.conf().backend().toString();
        BackendSettings settings = request.conf().backendSettings(threads);
        return LikelihoodWorkload.of(
                this,
                ExecutorModels.borrow(
                        new Loaded(options, request.maxTokens(), folder, backend, settings),
                        () -> LikelihoodModel.open(
                                folder.open(hadoop.value()),
                                ExecutorModels.backend(backend, settings),
                                options,
                                request.maxTokens())));
    }

    /** What makes a loaded model another one; a folder that changed is one. */
    private record Loaded(
            LikelihoodOptions options, int maxTokens, ModelFolder folder, String backend, BackendSettings settings) {}
}
