package org.pagedattention.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pagedattention.model.folder.JsonFile;
import org.pagedattention.model.folder.ModelFiles;
import org.pagedattention.model.folder.TextRules;

/**
 * What a classifier's logits mean.
 *
 * @param names of the labels, one a logit
 * @param score what becomes of the logits
 */
public record Labels(List<String> names, Score score) {

    /** How scores come from logits. */
    public enum Score {
        /** The logits themselves, as regression has it. */
        NONE,
        /** Each logit by itself. */
        SIGMOID,
        /** All logits of a row together. */
        SOFTMAX
    }

    /** As transformers and sentence-transformers' CrossEncoder understand a config.json. */
    static Labels read(ModelFiles files, JsonFile config) {
        List<String> names = names(config);
        return new Labels(names, score(files, config, names.size()));
    }

    /** One label, whatever a config.json says: its classifier is not used. */
    static Labels ofOne(ModelFiles files, JsonFile config) {
        return new Labels(List.of("LABEL_0"), score(files, config, 1));
    }

    private static List<String> names(JsonFile config) {
        JsonNode labels = config.root().path("id2label");
        if (labels.isMissingNode() || labels.isNull()) {
            int count = config.count("num_labels", 2);
            return IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList();
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            if (!labels.path(Integer.toString(i)).isTextual()) {
                throw config.refuse(
                        "has id2label = " + labels + ", which does not name the labels 0 to " + (labels.size() - 1));
            }
            names.add(labels.path(Integer.toString(i)).asText());
        }
        if (names.isEmpty()) {
            throw config.refuse("has no label in id2label");
        }
        return names;
    }

    private static Score score(ModelFiles files, JsonFile config, int labels) {
        JsonNode beside =
                JsonFile.readIfThere(files, TextRules.SENTENCES).root().path("activation_fn");
        JsonNode own = config.root().path("sentence_transformers").path("activation_fn");
        JsonNode old = config.root().path("sbert_ce_default_activation_function");
        JsonNode named = beside.isTextual() ? beside : own.isTextual() ? own : old;
        if (named.isTextual()) {
            return switch (named.asText()) {
                case "torch.nn.modules.linear.Identity" -> Score.NONE;
                case "torch.nn.modules.activation.Sigmoid" -> Score.SIGMOID;
                default ->
                    throw config.refuse("has the activation " + named.asText()
                            + " for its logits, which is not supported: torch's Identity and Sigmoid are");
            };
        }
        return switch (config.string("problem_type", "")) {
            case "regression" -> Score.NONE;
            case "multi_label_classification" -> Score.SIGMOID;
            case "single_label_classification" -> labels == 1 ? Score.SIGMOID : Score.SOFTMAX;
            case "" -> labels == 1 ? Score.SIGMOID : Score.SOFTMAX;
            default ->
                throw config.unsupported(
                        "problem_type", "regression, single_label_classification and multi_label_classification are");
        };
    }

    /** The scores of one row's logits. */
    public float[] scores(float[] logits) {
        float[] scores = logits.clone();
        switch (score) {
            case NONE -> {}
            case SIGMOID -> {
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = (float) (1 / (1 + Math.exp(-logits[i])));
                }
            }
            case SOFTMAX -> softmax(logits, scores);
        }
        return scores;
    }

    private static void softmax(float[] logits, float[] scores) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) (Math.exp(logits[i] - largest) / sum);
        }
    }
}
