package org.pagedattention.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.ModelFiles;

/**
 * What the modules.json of sentence-transformers' CrossEncoder says.
 *
 * @param folder of the transformer within the model's: empty, or a name with {@code /} behind it
 * @param score null where the transformer has a head for classification
 */
record RankingModules(String folder, @Nullable LogitScore score) {

    /**
     * A score that is the logit of one next token, less that of another.
     *
     * @param yes id of the one
     * @param no id of the other; -1 where nothing is taken off
     */
    record LogitScore(int yes, int no) {}

    /** The modules; one transformer where nothing is said of them. */
    static RankingModules read(ModelFiles files) {
        if (!SentenceModules.areIn(files)) {
            return new RankingModules("", null);
        }
        JsonFile modules = SentenceModules.read(files);
        String folder = SentenceModules.transformerFolder(files);
        JsonNode second = modules.root().path(1);
        if (modules.root().size() == 1) {
            return new RankingModules(folder, null);
        }
        if (modules.root().size() != 2 || !SentenceModules.simpleName(second).equals("LogitScore")) {
            throw modules.refuse("has modules behind its Transformer that make no logits of labels, which are not"
                    + " supported: only a LogitScore is (" + second.path("type").asText() + ")");
        }
        return new RankingModules(
                folder, score(JsonFile.read(files, second.path("path").asText() + "/config.json")));
    }

    private static LogitScore score(JsonFile config) {
        config.requireOnly(Set.of("true_token_id", "false_token_id", "module_input_name"));
        config.require("module_input_name", "causal_logits");
        return new LogitScore(
                config.count("true_token_id"), config.has("false_token_id") ? config.count("false_token_id") : -1);
    }
}
