package org.pagedattention.model.folder;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a folder says of the texts that its model takes.
 *
 * @param folder within the model's in which its tokenizer's files lie: empty, or a name with {@code /} behind it
 * @param longest most tokens of a row, special ones included
 * @param prompts texts to put before a row's text, by name
 * @param defaultPrompt name of the one to use when none is asked for; null for none
 * @param templated whether a chat template is to be put around texts, which nobody does here
 */
public record TextRules(
        String folder,
        int longest,
        Map<String, String> prompts,
        @Nullable String defaultPrompt,
        boolean templated) {
    private static final String SENTENCE_CONFIG = "sentence_bert_config.json";
    /** What sentence-transformers says of a whole model. */
    public static final String SENTENCES = "config_sentence_transformers.json";

    private static final String TOKENIZER = "tokenizer_config.json";

    /** What sentence-transformers calls the use of a transformer, what it takes of it, and how it calls that. */
    public enum Task {
        FEATURES("feature-extraction", "last_hidden_state", "token_embeddings"),
        CLASSES("sequence-classification", "logits", "scores"),
        NEXT_TOKENS("text-generation", "logits", "causal_logits");

        private final String task;
        private final String ofModel;
        private final String output;

        Task(String task, String ofModel, String output) {
            this.task = task;
            this.ofModel = ofModel;
            this.output = output;
        }
    }

    /** Refuses settings of sentence-transformers that would change a text or its vector, and are not implemented. */
    public static TextRules read(ModelFiles files, String folder, int longestOfModel, Task task) {
        JsonFile config = JsonFile.readIfThere(files, folder + SENTENCE_CONFIG);
        config.requireOnly(Set.of(
                "max_seq_length",
                "do_lower_case",
                "transformer_task",
                "modality_config",
                "module_output_name",
                "unpad_inputs"));
        config.require("do_lower_case", "false");
        config.require("transformer_task", task.task);
        config.require("module_output_name", task.output);
        JsonNode text = config.root().path("modality_config").path("text");
        if (!text.path("method").asText("forward").equals("forward")
                || !text.path("method_output_name").asText(task.ofModel).equals(task.ofModel)) {
            throw config.unsupported("modality_config", "only " + task.ofModel + " of forward is");
        }
        int longest = config.has("max_seq_length")
                ? config.count("max_seq_length")
                : ofTokenizer(JsonFile.readIfThere(files, folder + TOKENIZER), longestOfModel);
        JsonFile prompts = JsonFile.readIfThere(files, SENTENCES);
        return new TextRules(
                folder,
                Math.min(longest, longestOfModel),
                prompts(prompts),
                defaultPrompt(prompts),
                config.root().path("modality_config").has("message"));
    }

    /** Tokenizers without a limit name a number that no text reaches. */
    private static int ofTokenizer(JsonFile config, int longestOfModel) {
        JsonNode longest = config.root().path("model_max_length");
        return longest.isNumber() && longest.asDouble() >= 1
                ? (int) Math.min(longestOfModel, longest.asDouble())
                : longestOfModel;
    }

    private static Map<String, String> prompts(JsonFile config) {
        Map<String, String> prompts = new TreeMap<>();
        config.root()
                .path("prompts")
                .properties()
                .forEach(entry -> prompts.put(entry.getKey(), entry.getValue().asText()));
        return prompts;
    }

    private static @Nullable String defaultPrompt(JsonFile config) {
        if (!config.has("default_prompt_name")) {
            return null;
        }
        String name = config.string("default_prompt_name");
        if (!config.root().path("prompts").has(name)) {
            throw config.refuse("has default_prompt_name = " + name + ", and no such prompt");
        }
        return name;
    }

    /**
     * The text to put before every row's text.
     *
     * @param name of a prompt; null for the default one
     * @throws IllegalArgumentException when there is none of that name
     */
    public String prompt(@Nullable String name) {
        String asked = name == null ? defaultPrompt : name;
        if (asked == null) {
            return "";
        }
        String prompt = prompts.get(asked);
        if (prompt == null) {
            throw new IllegalArgumentException(
                    "prompt '" + asked + "' is not known: the model has " + prompts.keySet());
        }
        return prompt;
    }
}
