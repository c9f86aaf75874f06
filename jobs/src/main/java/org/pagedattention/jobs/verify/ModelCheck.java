package org.pagedattention.jobs.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.reference.ReferenceModels;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.inference.Classifier;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.loading.HadoopModelFiles;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.request.TextRequest;
import org.pagedattention.tensor.Tolerance;

/**
 * Runs a row through the model in fp64, by the definitions of its operations, and compares what was written.
 *
 * @param vectors how vectors were made; null where the rows were classified
 * @param tolerance of the numbers
 */
record ModelCheck(
        TextRequest request, @Nullable EmbedOptions vectors, Tolerance tolerance, SerializableConfiguration hadoop)
        implements Comparison {

    @Override
    public Map<String, String> inputs() {
        Map<String, String> inputs = new TreeMap<>();
        put(inputs, "text", request.text());
        put(inputs, "pair", request.pair());
        put(inputs, "ids", request.tokens());
        return inputs;
    }

    private static void put(Map<String, String> inputs, String wanted, @Nullable String column) {
        if (column != null) {
            inputs.put("given_" + wanted, column);
        }
    }

    @Override
    public List<String> noKeys() {
        return request.tokens() == null ? List.of() : List.of(request.tokens());
    }

    @Override
    public List<String> results() {
        return vectors == null
                ? List.of("logits", "label", "score", "tokens", "truncated")
                : List.of("embedding", "tokens", "truncated");
    }

    @Override
    public void check(Row row, String name, Verdict verdict) {
        // loaded once a process, and kept apart from what the jobs load
        try (ExecutorModels.Lease<TextModel> lease =
                ExecutorModels.borrow(new Use(request.model(), vectors, request.maxTokens()), this::open)) {
            check(row, name, lease.model(), verdict);
        }
    }

    private void check(Row row, String name, TextModel model, Verdict verdict) {
        PreparedRow prepared = prepared(row, model);
        if (row.isNullAt(row.fieldIndex(results().get(0)))) {
            verdict.row(results().get(0) + " of row " + name + " is null");
            return;
        }
        float[] values = model.run(List.of(prepared.tokens())).get(0);
        List<String> problems = new ArrayList<>();
        if (model instanceof Classifier classifier) {
            Classifier.Classification expected = classifier.classify(prepared, values);
            problems.add(numbers(row, "logits", PlainTensors.widened(values), name, verdict));
            problems.add(numbers(row, "score", new double[] {expected.score()}, name, verdict));
            problems.add(label(row, classifier.labels().names(), values, name));
        } else {
            problems.add(numbers(row, "embedding", PlainTensors.widened(values), name, verdict));
        }
        problems.add(Expected.same(row, "tokens", prepared.tokens().length(), name));
        problems.add(Expected.same(row, "truncated", prepared.truncated(), name));
        verdict.row(problems);
    }

    private PreparedRow prepared(Row row, TextModel model) {
        if (request.tokens() != null) {
            return model.prepare(PlainTensors.ids(row, "given_ids"));
        }
        String pair = request.pair() == null ? null : row.<String>getAs("given_pair");
        return model.prepare(row.<String>getAs("given_text"), pair);
    }

    private String numbers(Row row, String column, double[] expected, String name, Verdict verdict) {
        int field = row.fieldIndex(column);
        double[] actual = row.get(field) instanceof Float one ? new double[] {one} : PlainTensors.numbers(row, field);
        return new Expected(expected, tolerance).compare(column, actual, name, verdict);
    }

    /** Where logits tie within the tolerance, either label is right. */
    private String label(Row row, List<String> labels, float[] logits, String name) {
        String found = row.getAs("label");
        int at = labels.indexOf(found);
        double best = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            best = Math.max(best, logit);
        }
        double slack = 2 * (tolerance.atol() + tolerance.rtol() * Math.abs(best));
        return at >= 0 && logits[at] >= best - slack
                ? ""
                : "label of row " + name + " is " + found + ", whose logit is not the largest";
    }

    private TextModel open() {
        ModelFiles files = HadoopModelFiles.of(request.model(), hadoop.value());
        ReferenceModels backend = new ReferenceModels();
        return vectors == null
                ? Classifier.open(files, backend, request.maxTokens())
                : Embedder.open(files, backend, vectors, request.maxTokens());
    }

    private record Use(String model, @Nullable EmbedOptions vectors, int maxTokens) {}
}
