package org.pagedattention.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;

/**
 * A tokenizer.json, made into what transformers makes of it together with tokenizer_config.json: some settings of the
 * latter win, and padding and truncation are as asked for, whatever the file says. Besides, no text can spell a special
 * token: those come from the post-processor only.
 */
final class TokenizerJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ObjectNode root;
    private final JsonNode config;
    private final Set<Integer> specialIds = new TreeSet<>();
    private final Set<String> specialTokens = new HashSet<>();

    /** @throws IllegalArgumentException when either is no JSON object */
    TokenizerJson(String tokenizer, String tokenizerConfig) {
        root = object("tokenizer.json", tokenizer);
        config = object("tokenizer_config.json", tokenizerConfig);
        removeSpecialTokens();
        hideSpecialPieces();
        applyConfig();
        root.putNull("padding");
    }

    private static ObjectNode object(String file, String json) {
        try {
            if (MAPPER.readTree(json) instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalArgumentException(file + " is no JSON object");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** What the library is given: texts are cut to {@code longest} tokens, or never when that is 0. */
    String cutTo(int longest) {
        root.putNull("truncation");
        if (longest > 0) {
            String side = config.path("truncation_side").asText("right");
            root.putObject("truncation")
                    .put("direction", side.equals("left") ? "Left" : "Right")
                    .put("max_length", longest)
                    .put("strategy", "LongestFirst")
                    .put("stride", 0);
        }
        return root.toString();
    }

    boolean cutsLeft() {
        return config.path("truncation_side").asText("right").equals("left");
    }

    boolean isSpecial(int id) {
        return specialIds.contains(id);
    }

    /** Whether words that spaces part are tokenized each by itself, so that a text may be cut between them. */
    boolean splitsAtSpaces() {
        String preTokenizer = root.path("pre_tokenizer").toString();
        boolean metaspace = preTokenizer.contains("Metaspace") && !preTokenizer.contains("\"split\":false");
        boolean bytes = preTokenizer.contains("ByteLevel") && !preTokenizer.contains("\"use_regex\":false");
        return metaspace
                || bytes
                || preTokenizer.contains("BertPreTokenizer")
                || preTokenizer.contains("Whitespace")
                || preTokenizer.contains("\"Split\"");
    }

    private void removeSpecialTokens() {
        if (root.path("added_tokens") instanceof ArrayNode added) {
            for (Iterator<JsonNode> tokens = added.elements(); tokens.hasNext(); ) {
                JsonNode token = tokens.next();
                if (token.path("special").asBoolean()) {
                    specialIds.add(token.path("id").asInt());
                    specialTokens.add(token.path("content").asText());
                    tokens.remove();
                }
            }
        }
    }

    /**
     * A unigram model finds its own special tokens in texts, as pieces of its vocabulary. With a space in them, which no
     * text has behind the pre-tokenizer, they are as out of reach as sentencepiece's control symbols.
     */
    private void hideSpecialPieces() {
        if (root.path("model").path("type").asText().equals("Unigram")
                && root.path("model").path("vocab") instanceof ArrayNode vocabulary) {
            for (JsonNode piece : vocabulary) {
                if (piece instanceof ArrayNode entry
                        && specialTokens.contains(entry.path(0).asText())) {
                    entry.set(
                            0,
                            MAPPER.getNodeFactory().textNode(" " + entry.path(0).asText() + " "));
                }
            }
        }
    }

    private void applyConfig() {
        if (root.path("normalizer") instanceof ObjectNode normalizer
                && normalizer.path("type").asText().equals("BertNormalizer")) {
            override(normalizer, "lowercase", "do_lower_case");
            override(normalizer, "strip_accents", "strip_accents");
            override(normalizer, "handle_chinese_chars", "tokenize_chinese_chars");
        }
        if (root.path("pre_tokenizer") instanceof ObjectNode preTokenizer
                && preTokenizer.path("type").asText().equals("ByteLevel")) {
            override(preTokenizer, "add_prefix_space", "add_prefix_space");
        }
    }

    private void override(ObjectNode target, String key, String configKey) {
        if (config.path(configKey).isBoolean()) {
            target.put(key, config.path(configKey).asBoolean());
        }
    }
}
