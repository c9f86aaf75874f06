package org.pagedattention.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixTokenTest {
    private static final String TOKENIZER = """
            {"added_tokens": [{"id": 1, "content": "<s>"}, {"id": 2, "content": "</s>"}],
             "model": {"vocab": {"a": 3, "<|endoftext|>": 9}}}""";

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                // what tokenizer_config.json says, as a text or as an object
                "`{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}`, {}, llama, 1",
                "`{\"bos_token\": {\"content\": \"<s>\", \"lstrip\": false}}`, {}, gpt2, 1",
                // no token that begins texts, so the one that ends them
                "`{\"bos_token\": null, \"eos_token\": \"</s>\"}`, {}, llama, 2",
                "`{\"eos_token\": \"</s>\", \"tokenizer_class\": \"PreTrainedTokenizerFast\"}`, {}, llama, 2",
                // special_tokens_map.json where the other file is silent
                "`{}`, `{\"bos_token\": \"</s>\"}`, llama, 2",
                "`{\"bos_token\": \"<s>\"}`, `{\"bos_token\": \"</s>\"}`, llama, 1",
                // what the tokenizer's class has, which config.json stands for where none is named
                "`{\"tokenizer_class\": \"LlamaTokenizerFast\"}`, {}, gpt2, 1",
                "`{\"model_max_length\": 1024}`, {}, gpt2, 9",
                "{}, {}, llama, 1",
                "{}, {}, qwen2, 9"
            })
    void findsWhatStandsBeforeATextInModels(String config, String map, String family, int id) {
        assertThat(PrefixToken.find(TOKENIZER, config, map, family(family))).hasValue(id);
    }

    @Test
    void findsNoneWhereNobodySays() {
        assertThat(PrefixToken.find(
                        TOKENIZER, "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}", "{}", family("llama")))
                .isEqualTo(OptionalInt.empty());
        assertThat(PrefixToken.find(TOKENIZER, "{}", "{}", family("other"))).isEmpty();
    }

    @Test
    void findsTokensOfUnigramsByTheirPlace() {
        String unigram = "{\"model\": {\"vocab\": [[\"<unk>\", 0.0], [\"<s>\", 0.0]]}}";
        assertThat(PrefixToken.find(unigram, "{\"bos_token\": \"<s>\"}", "{}", family("llama")))
                .hasValue(1);
    }

    @Test
    void refusesATokenThatIsNowhere() {
        assertThatThrownBy(() -> PrefixToken.find(TOKENIZER, "{\"bos_token\": \"<bos>\"}", "{}", family("llama")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'<bos>'");
    }

    private static String family(String name) {
        return "{\"model_type\": \"" + name + "\"}";
    }
}
