package org.pagedattention.jobs.classify;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.ModelOption;
import org.pagedattention.jobs.options.ModelTypeOption;
import org.pagedattention.jobs.options.TextOptions;
import org.pagedattention.jobs.run.TableJob;
import org.pagedattention.jobs.run.TableOptions;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.models.TextClassifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Labels texts, and ranks pairs of texts. */
@Command(
        name = "classify",
        mixinStandardHelpOptions = true,
        description = {
            "Labels every text of a table with a model for classification or regression, or ranks pairs of texts.",
            "Adds columns logits (ARRAY<FLOAT>), label, score (of that label), tokens and truncated."
        })
public final class ClassifyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final ModelOption model = new ModelOption();

    @Mixin
    private final ModelTypeOption type = new ModelTypeOption();

    @Mixin
    private final TextOptions text = new TextOptions();

    @Option(
            names = "--pair",
            paramLabel = "COL",
            description = "Column of second texts, for rerankers and other models of pairs, STRING (default: none)")
    private @Nullable String pair;

    @Mixin
    private final TableOptions table = new TableOptions(type::settings);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    public ClassifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(model::require, table::require);
        try (TableJob job = TableJob.open(command, Work.MODEL, table, console)) {
            job.requireOutputApart("--model", model.folder());
            TextRequest request = text.request(model.folder(), pair, job.conf());
            TextClassifier classifier = new TextClassifier(request);
            job.model(classifier.facts(), classifier::measure);
            job.ahead(classifier::load);
            job.run(classifier::plan, Map.of("--model as of", classifier.modelState()));
        }
        return Failures.DONE;
    }
}
