package org.pagedattention.scoring.models;

import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.loading.ModelFolder;
import org.pagedattention.loading.ModelUse;
import org.pagedattention.loading.SharedModel;
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
        return LikelihoodWorkload.of(
                this,
                SharedModel.of(new ModelUse.Likelihood(options), request.maxTokens(), folder, request.conf(), threads)
                        .borrow(hadoop.value()));
    }
}
