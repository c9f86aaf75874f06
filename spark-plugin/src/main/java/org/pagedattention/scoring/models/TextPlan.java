package org.pagedattention.scoring.models;

import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Weightless;
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

    /**
     * Finds the columns, and looks at the model as closely as the executors will.
     *
     * @throws IllegalArgumentException when a column is missing or of another type, when the model and the task do not go
     *     together, or when something in the model's folder is not understood
     */
    static <M extends TextModel> TextPlan<M> of(
            StructType input, TextTask<M> task, TextRequest request, Configuration hadoop) {
        TextSource source = TextSource.of(input, request);
        task.problem(request.pair() != null, request.tokens() != null).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        ModelFolder folder = ModelFolder.of(request.model(), hadoop);
        return new TextPlan<>(task, request, source, folder, new SerializableConfiguration(hadoop));
    }

    /**
     * What is understood of the model.
     *
     * @throws IllegalArgumentException when something in its folder is not
     */
    static String describe(TextTask<?> task, TextRequest request, Configuration hadoop) {
        try (ModelBackend nothing = new Weightless();
                TextModel model =
                        task.open(HadoopModelFiles.of(request.model(), hadoop), nothing, request.maxTokens())) {
            return model.description();
        }
    }

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
        ExecutorModels.ModelKey key = new ExecutorModels.ModelKey(
                new Use(task, request.maxTokens()),
                folder.path(),
                folder.stamp(),
                request.conf().backend().toString(),
                request.conf().backendSettings(threads));
        M model = ExecutorModels.get(
                key, backend -> task.open(folder.open(hadoop.value()), backend, request.maxTokens()));
        return new TextWorkload<>(this, model);
    }

    private record Use(TextTask<?> task, int maxTokens) {}
}
