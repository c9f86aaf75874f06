package org.pagedattention.jobs.embed;

import java.util.Map;
import java.util.concurrent.Callable;
import org.pagedattention.inference.EmbedOptions;
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
import org.pagedattention.scoring.models.TextEmbedder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes vectors of texts. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a vector of every text of a table with a sentence-transformers model, or with any encoder.",
            "Adds columns embedding (ARRAY<FLOAT>), tokens (how many took part) and truncated (whether some did not)."
        })
public final class EmbedCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final ModelOption model = new ModelOption();

    @Mixin
    private final ModelTypeOption type = new ModelTypeOption();

    @Mixin
    private final TextOptions text = new TextOptions();

    @Mixin
    private final VectorOptions vectors = new VectorOptions();

    @Mixin
    private final TableOptions table = new TableOptions(type::settings);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    public EmbedCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(model::require, table::require);
        EmbedOptions options = vectors.options();
        try (TableJob job = TableJob.open(command, Work.MODEL, table, console)) {
            job.requireOutputApart("--model", model.folder());
            TextRequest request = text.request(model.folder(), null, job.conf());
            TextEmbedder embedder = new TextEmbedder(request, options);
            job.model(embedder.facts(), embedder::measure);
            job.mapped("embedding", request.text());
            job.ahead(embedder::load);
            job.run(embedder::plan, Map.of("--model as of", embedder.modelState()));
        }
        return Failures.DONE;
    }
}
