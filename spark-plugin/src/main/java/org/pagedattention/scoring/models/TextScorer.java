package org.pagedattention.scoring.models;

import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Weightless;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.loading.ModelFolder;
import org.pagedattention.loading.SharedModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.scoring.WorkloadPlan;

/** What {@link TextEmbedder} and {@link TextClassifier} share: tables of texts in, whatever a model makes of them out. */
public abstract sealed class TextScorer permits TextEmbedder, TextClassifier {
    private final TextTask<?> task;
    private final TextRequest request;
    private final @Nullable Quarantine quarantine;
    private final Configuration hadoop;
    private final ModelFolder folder;

    /**
     * @throws IllegalArgumentException when the model's folder is not there, or the task cannot do what is asked for
     */
    TextScorer(TextTask<?> task, TextRequest request, @Nullable Quarantine quarantine) {
        this.task = task;
        this.request = request;
        this.quarantine = quarantine;
        task.problem(request.pair() != null, request.tokens() != null).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        hadoop = SparkSession.active().sparkContext().hadoopConfiguration();
        folder = ModelFolder.of(request.model(), hadoop);
    }

    final ScoredTable score(Dataset<Row> input) {
        var unused = description();
        return new TableScorer(request.conf(), quarantine).score(input, plan(input.schema()));
    }

    /**
     * The columns that come out of a table with {@code input}'s.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public final StructType outputSchema(StructType input) {
        return TableScorer.outputSchema(input, plan(input), request.conf());
    }

    /**
     * What is done to tables with the columns of {@code input}, for {@link TableScorer}.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public final WorkloadPlan plan(StructType input) {
        return new TextPlan<>(
                task, request, TextSource.of(input, request), folder, new SerializableConfiguration(hadoop));
    }

    /**
     * What is understood of the model, in a line; the folder is looked at as closely as the executors will.
     *
     * @throws IllegalArgumentException when something in it is not understood
     */
    public final String description() {
        return facts().description();
    }

    /**
     * What is understood of the model; the folder is looked at as closely as the executors will.
     *
     * @throws IllegalArgumentException when something in it is not understood
     */
    public final ModelFacts facts() {
        try (Weightless nothing = new Weightless();
                TextModel model = task.use().open(folder.open(hadoop), nothing, request.maxTokens())) {
            Optional<String> problem = request.text() == null ? Optional.empty() : model.problemOfTexts();
            problem.ifPresent(what -> {
                throw new IllegalArgumentException("model " + request.model() + " takes no texts: " + what);
            });
            return new ModelFacts(
                    model.description(), model.card(), model.longest(), nothing.weights(), nothing.tables());
        }
    }

    /**
     * Loads the model in this process, as tasks here will, so that they find it there.
     *
     * @param threads CPU threads of a task
     */
    public final void load(int threads) {
        SharedModel.of(task.use(), request.maxTokens(), folder, request.conf(), threads)
                .borrow(hadoop)
                .close();
    }

    /**
     * What the rows of a small table come to before the model computes them; nothing is computed.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public final RowSample measure(Dataset<Row> table) {
        TextSource source = TextSource.of(table.schema(), request);
        try (ModelBackend nothing = new Weightless();
                TextModel model = task.use().open(folder.open(hadoop), nothing, request.maxTokens())) {
            return RowSample.of(table, 0, row -> {
                PreparedRow read = source.read(row, model);
                return new RowSample.Tokens(List.of(read.tokens().ids()), read.truncated());
            });
        }
    }

    /** The state of the model's files in words, which are others when a file that counts has changed. */
    public final String modelState() {
        return String.join(", ", folder.files());
    }
}
