package org.pagedattention.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The token that stands before the first one of a text when a language model is to say how probable that is: the one that
 * begins texts (BOS), else the one that ends them (EOS), as transformers finds them.
 */
public final class PrefixToken {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What transformers' classes say where a folder says nothing: BOS and EOS. */
    private static final Map<String, Ends> OF_CLASSES = Map.of(
            "GPT2Tokenizer", new Ends("<|endoftext|>", "<|endoftext|>"),
            "LlamaTokenizer", new Ends("<s>", "</s>"),
            "Qwen2Tokenizer", new Ends(null, "<|endoftext|>"),
            "GemmaTokenizer", new Ends("<bos>", "<eos>"));

    private static final Map<String, String> CLASSES = Map.of(
            "gpt2", "GPT2Tokenizer",
            "llama", "LlamaTokenizer",
            "mistral", "LlamaTokenizer",
            "qwen2", "Qwen2Tokenizer",
            "qwen3", "Qwen2Tokenizer",
            "gemma3_text", "GemmaTokenizer");

    private record Ends(@Nullable String bos, @Nullable String eos) {}

    private PrefixToken() {}

    /**
     * Finds it; empty where the folder has neither.
     *
     * @param tokenizer contents of tokenizer.json
     * @param tokenizerConfig contents of tokenizer_config.json; {@code {}} where there is none
     * @param specialTokens contents of special_tokens_map.json; {@code {}} where there is none
     * @param modelConfig contents of config.json, which names the family, whose usual tokenizer it is where no file names
     *     another
     * @throws IllegalArgumentException when the tokenizer does not have the token that is named
     */
    public static OptionalInt find(String tokenizer, String tokenizerConfig, String specialTokens, String modelConfig) {
        JsonNode config = read("tokenizer_config.json", tokenizerConfig);
        JsonNode map = read("special_tokens_map.json", specialTokens);
        String family = read("config.json", modelConfig).path("model_type").asText();
        String type = config.path("tokenizer_class").asText(CLASSES.getOrDefault(family, ""));
        Ends ends = OF_CLASSES.getOrDefault(
                type.endsWith("Fast") ? type.substring(0, type.length() - 4) : type, new Ends(null, null));
        String bos = token("bos_token", config, map, ends.bos());
        String prefix = bos != null ? bos : token("eos_token", config, map, ends.eos());
        return prefix == null ? OptionalInt.empty() : OptionalInt.of(id(prefix, read("tokenizer.json", tokenizer)));
    }

    private static JsonNode read(String file, String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static @Nullable String token(String name, JsonNode config, JsonNode map, @Nullable String otherwise) {
        JsonNode said = config.has(name) ? config.path(name) : map.path(name);
        if (said.isMissingNode()) {
            return otherwise;
        }
        String content = said.isTextual() ? said.asText() : said.path("content").asText("");
        return content.isEmpty() ? null : content;
    }

    private static int id(String token, JsonNode tokenizer) {
        for (JsonNode added : tokenizer.path("added_tokens")) {
            if (added.path("content").asText().equals(token)) {
                return added.path("id").asInt();
            }
        }
        JsonNode vocabulary = tokenizer.path("model").path("vocab");
        if (vocabulary.path(token).isInt()) {
            return vocabulary.path(token).asInt();
        }
        for (int i = 0; vocabulary.isArray() && i < vocabulary.size(); i++) {
            if (vocabulary.path(i).path(0).asText().equals(token)) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "the token '" + token + "', which begins or ends texts, is not in tokenizer.json");
    }
}
