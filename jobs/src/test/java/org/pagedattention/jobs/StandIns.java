package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/** Tiny models in place of those that the documentation names. */
final class StandIns {
    private static final Path MODELS = Path.of("../spark-plugin/src/test/resources/models");
    private static final Pattern MODEL = Pattern.compile("(?<![\\w/.])/?models/([\\w.-]+)");
    private static final Map<String, String> NAMES = Map.of(
            "all-MiniLM-L6-v2", "sentence-bert",
            "topics", "bert-classifier",
            "reranker", "roberta-reranker",
            "Qwen3-0.6B", "llama-text");

    private StandIns() {}

    /** The text with a tiny model's folder wherever it names one, and with as many tokens as those take. */
    static String in(String text) {
        return MODEL.matcher(text).replaceAll(found -> folder(found.group(1))).replace("'512'", "'64'");
    }

    private static String folder(String name) {
        assertThat(NAMES).as("models that tests have something in place of").containsKey(name);
        return MODELS.resolve(NAMES.get(name)).toString();
    }
}
