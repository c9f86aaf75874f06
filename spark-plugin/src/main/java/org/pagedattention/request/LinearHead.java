package org.pagedattention.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;

/**
 * Turns a pooled vector into one score: {@code activation(weights · pooled + bias)}.
 *
 * @param weights {@code [queryHeads * valueDim]}
 * @param bias added to the product
 * @param activation what is done to the sum
 */
public record LinearHead(float[] weights, double bias, Activation activation) implements Serializable {
    private static final Set<String> FIELDS = Set.of("weights", "bias", "activation");
    /** More text than this is not a head: the longest legal one has 2^22 weights. */
    private static final int LONGEST_JSON = 1 << 27;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** A function on the sum. */
    public enum Activation {
        NONE,
        SIGMOID
    }

    /**
     * Returns this head when it fits the outputs of {@code spec}.
     *
     * @throws IllegalArgumentException when it has more or fewer weights than pooled vectors have elements
     */
    public LinearHead requireFor(AttentionSpec spec) {
        if (weights.length != spec.outputElements()) {
            throw bad("has " + weights.length + " weights, but pooled vectors have " + spec.outputElements()
                    + " elements (query heads " + spec.queryHeads() + " x value dim " + spec.valueDim()
                    + "): give a head with that many weights");
        }
        return this;
    }

    /** The score of one pooled vector. */
    public double score(float[] pooled) {
        double sum = bias;
        for (int i = 0; i < pooled.length; i++) {
            sum += (double) weights[i] * pooled[i];
        }
        return activation == Activation.SIGMOID ? 1 / (1 + Math.exp(-sum)) : sum;
    }

    /**
     * Reads {@code {"weights": [...], "bias": 0.5, "activation": "none" or "sigmoid"}}; bias and activation may be
     * left out.
     *
     * @throws IllegalArgumentException when it is anything else
     */
    public static LinearHead parse(String json) {
        if (json.length() > LONGEST_JSON) {
            throw bad("has " + json.length() + " characters, at most " + LONGEST_JSON + " are read");
        }
        JsonNode root = tree(json);
        if (!root.isObject()) {
            throw bad("is not a JSON object");
        }
        for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw bad("has the unknown field '" + name + "'; known are weights, bias and activation");
            }
        }
        return new LinearHead(weights(root.get("weights")), bias(root), activation(root));
    }

    private static JsonNode tree(String json) {
        try {
            JsonNode root = JSON.readTree(json);
            return root;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the head is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static float[] weights(@Nullable JsonNode node) {
        if (node == null || !node.isArray() || node.isEmpty()) {
            throw bad("needs 'weights', an array of queryHeads * valueDim numbers");
        }
        float[] weights = new float[node.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) number(node.get(i), "weights[" + i + "]");
            if (!Float.isFinite(weights[i])) {
                throw bad("weights[" + i + "] is beyond fp32's range");
            }
        }
        return weights;
    }

    private static double bias(JsonNode root) {
        JsonNode node = root.get("bias");
        return node == null ? 0 : number(node, "bias");
    }

    private static double number(JsonNode node, String what) {
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw bad(what + " is " + node + ", not a finite number");
        }
        return node.doubleValue();
    }

    private static Activation activation(JsonNode root) {
        JsonNode node = root.get("activation");
        String name = node == null ? "none" : node.asText();
        return switch (name) {
            case "none" -> Activation.NONE;
            case "sigmoid" -> Activation.SIGMOID;
            default -> throw bad("activation is '" + name + "': use none or sigmoid");
        };
    }

    private static IllegalArgumentException bad(String what) {
        return new IllegalArgumentException("the head " + what);
    }
}
