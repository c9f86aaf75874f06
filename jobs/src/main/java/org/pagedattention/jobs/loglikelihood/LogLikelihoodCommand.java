package org.pagedattention.jobs.loglikelihood;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.ContinuationOptions;
import org.pagedattention.jobs.options.ModelOption;
import org.pagedattention.jobs.options.ModelTypeOption;
import org.pagedattention.jobs.options.TextOptions;
import org.pagedattention.jobs.run.TableJob;
import org.pagedattention.jobs.run.TableOptions;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.scoring.models.LogLikelihood;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says how probable a language model finds texts. */
@Command(
        name = "loglikelihood",
        mixinStandardHelpOptions = true,
        description = {
            "Says how probable a language model finds every text of a table, or every continuation behind its context, by"
                    + " the definitions of lm-evaluation-harness.",
            "Adds columns log_likelihood (DOUBLE, a sum in nats), tokens (how many were scored), is_greedy, truncated,"
                    + " bytes and word_count. Tokens that rows begin with in common are computed once."
        })
public final class LogLikelihoodCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final ModelOption model = new ModelOption();

    @Mixin
    private final ModelTypeOption type = new ModelTypeOption();

    @Mixin
    private final TextOptions text = new TextOptions();

    @Mixin
    private final ContinuationOptions continuation = new ContinuationOptions();

    @Option(
            names = "--token-log-probs",
            description = "Also add column token_log_probs (ARRAY<FLOAT>), one a token that is scored")
    private boolean tokenLogProbs;

    @Option(
            names = "--aggregate",
            description = "Print what the whole output comes to: perplexity a token and a word, bits per byte")
    private boolean aggregate;

    @Option(
            names = "--share-prefixes",
            paramLabel = "BOOL",
            arity = "1",
            defaultValue = "true",
            description = "true: tokens that rows begin with in common are computed once; false: in every row (default:"
                    + " true)")
    private boolean sharePrefixes = true;

    @Option(
            names = "--group-by-prefix",
            description = "Sort the table first, so that rows which begin alike are neighbours wherever they were; a"
                    + " beginning that many have is split over tasks")
    private boolean groupByPrefix;

    @Mixin
    private final TableOptions table = new TableOptions(type::settings);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    public LogLikelihoodCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(model::require, table::require);
        LikelihoodOptions options = continuation.options().withSharePrefixes(sharePrefixes);
        if (groupByPrefix && !sharePrefixes) {
            throw new IllegalArgumentException(
                    "--group-by-prefix brings together what --share-prefixes false keeps apart: leave one of them out");
        }
        try (TableJob job = TableJob.open(command, Work.LIKELIHOOD, table, console)) {
            job.requireOutputApart("--model", model.folder());
            LikelihoodRequest request =
                    continuation.request(text, model.folder(), job.conf()).withTokenLogProbs(tokenLogProbs);
            LogLikelihood likelihood = new LogLikelihood(request, options);
            job.model(likelihood.facts(), likelihood::measure);
            job.ahead(likelihood::load);
            UnaryOperator<Dataset<Row>> order = groupByPrefix ? likelihood::grouped : UnaryOperator.identity();
            job.run(likelihood::plan, order, Map.of("--model as of", likelihood.modelState()), "");
            if (aggregate && !table.explains()) {
                console.out().println(Corpus.of(job.target().read(), request).table());
            }
        }
        return Failures.DONE;
    }
}
