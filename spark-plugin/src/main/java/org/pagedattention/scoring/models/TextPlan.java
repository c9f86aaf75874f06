package org.pagedattention.scoring.models;

import java.util.Set;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.loading.ModelFolder;
import org.pagedattention.loading.SharedModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.Workload;
import org.pagedattention.scoring.WorkloadPlan;

/**
 * A model over tables of texts.
 *
 * @param task what is made of the texts
 * @param source where they are
 * @param folder the model's, as the driver found it
 * @param hadoop how executors reach it
 */
record TextPlan<M extends TextModel>(
        TextTask<M> task, TextRequest request, TextSource source, ModelFolder folder, SerializableConfiguration hadoop)
        implements WorkloadPlan {

    @Override
    public Set<String> inputs() {
        return source.usedUp();
    }

    @Override
    public StructType results() {
        return task.results();
    }

    @Override
    public String withoutResult(String name) {
        return "leave it out of the input";
    }

    @Override
    public Workload<PreparedRow> open(int threads) {
        return new TextWorkload<>(
                this,
                SharedModel.of(task.use(), request.maxTokens(), folder, request.conf(), threads)
                        .borrow(hadoop.value()));
    }
}
