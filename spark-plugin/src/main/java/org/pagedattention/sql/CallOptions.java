package org.pagedattention.sql;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.expressions.CreateMap;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.request.TextRequest;

/**
 * Options of one call, checked.
 *
 * @param function the name of the function
 * @param model folder of the model
 * @param values the other options as they were given
 */
record CallOptions(String function, String model, SortedMap<String, String> values) implements Serializable {
    static final String MODEL = "model";
    static final String MAX_TOKENS = "maxTokens";
    static final String ON_LONG = "onLong";
    static final String PROMPT = "prompt";
    static final String PROMPT_TEXT = "promptText";
    static final String POOL = "pool";
    static final String NORMALIZE = "normalize";
    static final String ROLLING = "rolling";

    /**
     * Reads the options of a call.
     *
     * @param given the map in the call; null without
     * @param fallback the session's model for the function, and its setting
     * @throws IllegalArgumentException for an unknown option, a value that cannot work, and without a model
     */
    static CallOptions of(ModelFunction function, @Nullable CreateMap given, ModelFunction.Default fallback) {
        TreeMap<String, String> values = given == null ? new TreeMap<>() : constants(function, given);
        for (String name : values.keySet()) {
            if (!function.options().contains(name)) {
                throw new IllegalArgumentException(function.sqlName() + " has no option '" + name + "': it has "
                        + String.join(", ", function.options()));
            }
        }
        String named = values.remove(MODEL);
        String model = named == null ? fallback.model() : named;
        if (model.isEmpty()) {
            throw new IllegalArgumentException(function.sqlName() + " has no model: set " + fallback.key()
                    + " to the model's folder, or name it in the call: map('model', '/models/...')");
        }
        CallOptions options = new CallOptions(function.sqlName(), model, Collections.unmodifiableSortedMap(values));
        options.check();
        return options;
    }

    private static TreeMap<String, String> constants(ModelFunction function, CreateMap map) {
        TreeMap<String, String> values = new TreeMap<>();
        List<Expression> parts = ScalaLists.list(map.children());
        for (int i = 0; i + 1 < parts.size(); i += 2) {
            String name = constant(function, parts.get(i));
            if (values.put(name, constant(function, parts.get(i + 1))) != null) {
                throw new IllegalArgumentException(function.sqlName() + " has option " + name + " twice");
            }
        }
        return values;
    }

    private static String constant(ModelFunction function, Expression value) {
        Object found = value.resolved() && value.foldable() ? value.eval(null) : null;
        if (found == null) {
            throw new IllegalArgumentException("options of " + function.sqlName()
                    + " are constants, as in map('model', '/models/...'), and " + value.sql() + " is none");
        }
        return found.toString();
    }

    private void check() {
        var unusedTokens = maxTokens();
        var unusedLong = onLong();
        var unusedEmbedding = embedding();
        var unusedWindows = rolling();
    }

    int maxTokens() {
        String text = values.getOrDefault(MAX_TOKENS, "0");
        if (!text.matches("0*[1-9]\\d{0,8}") && values.containsKey(MAX_TOKENS)) {
            throw wrong(MAX_TOKENS, "use a whole number from 1");
        }
        return Integer.parseInt(text);
    }

    TextRequest.OnLong onLong() {
        try {
            return TextRequest.OnLong.parse(values.getOrDefault(ON_LONG, "truncate"));
        } catch (IllegalArgumentException e) {
            throw wrong(ON_LONG, String.valueOf(e.getMessage()));
        }
    }

    EmbedOptions embedding() {
        String pool = values.get(POOL);
        Boolean normalize = values.containsKey(NORMALIZE) ? yes(NORMALIZE) : null;
        try {
            return new EmbedOptions(
                    pool == null ? null : EmbeddingModel.pooling(pool),
                    normalize,
                    values.get(PROMPT),
                    values.get(PROMPT_TEXT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(function + ": " + e.getMessage(), e);
        }
    }

    boolean rolling() {
        return yes(ROLLING);
    }

    private boolean yes(String option) {
        return switch (values.getOrDefault(option, "false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(option, "use true or false");
        };
    }

    private IllegalArgumentException wrong(String option, String hint) {
        return new IllegalArgumentException(
                function + ": option " + option + " is '" + values.get(option) + "': " + hint);
    }

    @Override
    public String toString() {
        TreeMap<String, String> all = new TreeMap<>(values);
        all.put(MODEL, model);
        return all.toString();
    }
}
