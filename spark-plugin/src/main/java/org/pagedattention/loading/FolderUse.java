package org.pagedattention.loading;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.pagedattention.conf.ModelAtStart;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.ModelFiles;

/** What models that executors load when they start are used for: as it is said, or as their folders say. */
public final class FolderUse {
    private FolderUse() {}

    /**
     * The same models where every process finds them, each with its use.
     *
     * @throws IllegalArgumentException when a folder is not there, or does not say what it is for and nobody else does
     */
    public static List<ModelAtStart> decided(List<ModelAtStart> asked, Configuration hadoop) {
        return asked.stream().map(model -> decided(model, hadoop)).toList();
    }

    private static ModelAtStart decided(ModelAtStart asked, Configuration hadoop) {
        ModelFiles files = HadoopModelFiles.of(asked.folder(), hadoop);
        ModelAtStart.Use use = asked.use() == ModelAtStart.Use.AS_IT_SAYS ? of(files) : asked.use();
        return new ModelAtStart(use, HadoopModelFiles.qualified(asked.folder(), hadoop));
    }

    /** The use with all options as jobs have them where none is given. */
    public static ModelUse<?> withDefaults(ModelAtStart.Use use) {
        return switch (use) {
            case EMBED -> new ModelUse.Embed(EmbedOptions.defaults());
            case CLASSIFY -> new ModelUse.Classify();
            case LOGLIKELIHOOD -> new ModelUse.Likelihood(LikelihoodOptions.defaults());
            case AS_IT_SAYS -> throw new IllegalArgumentException("nobody has asked the folder what it is for");
        };
    }

    static ModelAtStart.Use of(ModelFiles files) {
        List<String> modules = texts(JsonFile.readIfThere(files, "modules.json").root(), "type");
        List<String> architectures =
                texts(JsonFile.readIfThere(files, "config.json").root().path("architectures"), "");
        if (endsLike(modules, "Pooling")) {
            return ModelAtStart.Use.EMBED;
        }
        if (endsLike(modules, "LogitScore") || endsLike(architectures, "ForSequenceClassification")) {
            return ModelAtStart.Use.CLASSIFY;
        }
        if (endsLike(architectures, "ForCausalLM") || endsLike(architectures, "LMHeadModel")) {
            return ModelAtStart.Use.LOGLIKELIHOOD;
        }
        throw new IllegalArgumentException("model " + files.folder() + " does not say what it is for (architectures "
                + architectures + ", modules " + modules + "): put embed=, classify= or loglikelihood= before it in "
                + ModelAtStart.KEY);
    }

    private static boolean endsLike(List<String> names, String ending) {
        return names.stream().anyMatch(name -> name.endsWith(ending));
    }

    private static List<String> texts(JsonNode array, String field) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(entry ->
                        field.isEmpty() ? entry.asText() : entry.path(field).asText())
                .toList();
    }
}
