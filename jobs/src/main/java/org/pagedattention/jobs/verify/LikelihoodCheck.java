package org.pagedattention.jobs.verify;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.backend.reference.ReferenceModels;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.likelihood.LikelihoodRules;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.likelihood.Spaces;
import org.pagedattention.likelihood.UnscorableRow;
import org.pagedattention.loading.HadoopModelFiles;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.tensor.Tolerance;

/**
 * Runs a row through the language model in fp64, by itself, and compares its log-likelihood.
 *
 * @param options with nothing shared
 * @param tokens whether there are log-probabilities of tokens to compare too
 * @param tolerance of a token's log-probability; a sum may be off by as much for each of its tokens
 */
record LikelihoodCheck(
        LikelihoodRequest request,
        LikelihoodOptions options,
        boolean tokens,
        Tolerance tolerance,
        SerializableConfiguration hadoop)
        implements Comparison {
    private static final String TOKENS = "token_log_probs";
    private static final String GREEDY = "is_greedy";

    @Override
    public Map<String, String> inputs() {
        Map<String, String> inputs = new TreeMap<>();
        inputs.put("given_scored", request.columns().scored());
        String context = request.columns().context();
        if (context != null) {
            inputs.put("given_context", context);
        }
        return inputs;
    }

    @Override
    public List<String> noKeys() {
        return request.columns().ids() ? List.copyOf(inputs().values()) : List.of();
    }

    @Override
    public List<String> results() {
        List<String> results = new ArrayList<>(List.of("log_likelihood", "tokens", GREEDY, "truncated"));
        if (!request.columns().ids()) {
            results.addAll(List.of("bytes", "word_count"));
        }
        if (tokens) {
            results.add(TOKENS);
        }
        return results;
    }

    @Override
    public void check(Row row, String name, Verdict verdict) {
        // loaded once a process, and kept apart from what the jobs load
        try (ExecutorModels.Lease<LikelihoodModel> lease = borrow(0)) {
            check(row, name, lease.model(), verdict);
        }
    }

    private void check(Row row, String name, LikelihoodModel model, Verdict verdict) {
        if (row.isNullAt(row.fieldIndex("log_likelihood"))) {
            verdict.row("log_likelihood of row " + name + " is null");
            return;
        }
        ScoredRow scored;
        try {
            scored = scored(row, model.rules());
        } catch (UnscorableRow e) {
            verdict.row("row " + name + " has a log-likelihood, and is to have none: " + e.reason());
            return;
        }
        Likelihood expected = model.score(List.of(scored), Long.MAX_VALUE).get(0);
        List<String> problems = new ArrayList<>();
        // errors of tokens add up
        double times = Math.max(1, scored.tokens());
        Tolerance ofSums = new Tolerance(tolerance.atol() * times, tolerance.rtol());
        double[] sum = {expected.sum()};
        problems.add(new Expected(sum, ofSums)
                .compare("log_likelihood", new double[] {row.<Double>getAs("log_likelihood")}, name, verdict));
        if (tokens) {
            problems.add(new Expected(PlainTensors.widened(expected.tokenLogProbs()), tolerance)
                    .compare(TOKENS, PlainTensors.numbers(row, row.fieldIndex(TOKENS)), name, verdict));
        }
        problems.add(Expected.same(row, "tokens", scored.tokens(), name));
        problems.add(Expected.same(row, "truncated", scored.truncated(), name));
        if (!request.columns().ids()) {
            String text = row.getAs("given_scored");
            problems.add(Expected.same(row, "bytes", text.getBytes(StandardCharsets.UTF_8).length, name));
            problems.add(Expected.same(row, "word_count", Spaces.words(text), name));
        }
        problems.add(greedy(row, scored, expected, name));
        verdict.row(problems);
    }

    /** What is within the tolerance of a tie may be either way. */
    private String greedy(Row row, ScoredRow scored, Likelihood expected, String name) {
        String problem = Expected.same(row, GREEDY, expected.greedy(), name);
        if (problem.isEmpty()) {
            return problem;
        }
        double largest = 0;
        for (float token : expected.tokenLogProbs()) {
            largest = Math.max(largest, Math.abs(token));
        }
        // both logits may be off; a power of two, so that few models are loaded for this
        double off = 2 * (tolerance.atol() + tolerance.rtol() * largest);
        double lead = Math.scalb(expected.greedy() ? 1.0 : -1.0, Math.getExponent(off) + 1);
        try (ExecutorModels.Lease<LikelihoodModel> lease = borrow(lead)) {
            boolean stays =
                    lease.model().score(List.of(scored), Long.MAX_VALUE).get(0).greedy() == expected.greedy();
            return stays ? problem : "";
        }
    }

    private ScoredRow scored(Row row, LikelihoodRules rules) throws UnscorableRow {
        boolean rolling = request.mode() == LikelihoodMode.ROLLING;
        if (request.columns().ids()) {
            int[] ids = PlainTensors.ids(row, "given_scored");
            if (request.mode() == LikelihoodMode.CONTINUATION) {
                return rules.continuation(PlainTensors.ids(row, "given_context"), ids);
            }
            return rolling ? rules.rolling(ids) : rules.text(ids);
        }
        String text = row.getAs("given_scored");
        if (request.mode() == LikelihoodMode.CONTINUATION) {
            return rules.continuation(row.<String>getAs("given_context"), text);
        }
        return rolling ? rules.rolling(text) : rules.text(text);
    }

    private ExecutorModels.Lease<LikelihoodModel> borrow(double lead) {
        return ExecutorModels.borrow(new Use(request.model(), options, request.maxTokens(), lead), () -> open(lead));
    }

    private LikelihoodModel open(double lead) {
        return LikelihoodModel.open(
                HadoopModelFiles.of(request.model(), hadoop.value()),
                new ReferenceModels(lead),
                options,
                request.maxTokens());
    }

    private record Use(String model, LikelihoodOptions options, int maxTokens, double lead) {}
}
