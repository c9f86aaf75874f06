package org.pagedattention.scoring.models;

import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
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
        return new TextWorkload<>(this, borrow(task, request, folder, hadoop.value(), threads));
    }

    /** The model, which this process loads when it is asked for first. */
    static <M extends TextModel> ExecutorModels.Lease<M> borrow(
            TextTask<M> task, TextRequest request, ModelFolder folder, Configuration hadoop, int threads) {
        String backend = request.conf().backend().toString();
        BackendSettings settings = request.conf().backendSettings(threads);
        return ExecutorModels.borrow(
                new Loaded(task, request.maxTokens(), folder, backend, settings),
                () -> task.open(folder.open(hadoop), ExecutorModels.backend(backend, settings), request.maxTokens()));
    }

    /** What makes a loaded model another one; a folder that changed is one. */
    private record Loaded(
            TextTask<?> task, int maxTokens, ModelFolder folder, String backend, BackendSettings settings) {}
}
