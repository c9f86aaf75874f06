package org.pagedattention.scoring.models;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.TextModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.Quarantine;
import org.pagedattention.scoring.ScoredTable;
import org.pagedattention.scoring.TableScorer;

/** Tables of texts in, whatever a task makes of them out. */
final class TextScorer<M extends TextModel> {
    private final TextTask<M> task;
    private final TextRequest request;
    private final TableScorer tables;

    TextScorer(TextTask<M> task, TextRequest request, @Nullable Quarantine quarantine) {
        this.task = task;
        this.request = request;
        tables = new TableScorer(request.conf(), quarantine);
    }

    ScoredTable score(Dataset<Row> input) {
        var unused = describe(task, request);
        return tables.score(input, plan(input.schema(), task, request));
    }

    StructType outputSchema(StructType input) {
        return TableScorer.outputSchema(input, plan(input, task, request), request.conf());
    }

    static String describe(TextTask<?> task, TextRequest request) {
        return TextPlan.describe(task, request, hadoop());
    }

    static <M extends TextModel> TextPlan<M> plan(StructType input, TextTask<M> task, TextRequest request) {
        return TextPlan.of(input, task, request, hadoop());
    }

    private static Configuration hadoop() {
        return SparkSession.active().sparkContext().hadoopConfiguration();
    }
}
