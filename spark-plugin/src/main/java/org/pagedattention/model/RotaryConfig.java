package org.pagedattention.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pagedattention.backend.Rotary;
import org.pagedattention.model.folder.JsonFile;

/**
 * Rotary embeddings as configurations describe them: {@code rope_parameters}, or {@code rope_theta} and
 * {@code rope_scaling} in older ones. Frequencies are computed in fp32 where transformers does so: at the end of a long
 * row their last bits tell.
 */
final class RotaryConfig {
    private static final float USUAL_BASE = 10_000;

    private static final Set<String> ANY = Set.of("rope_theta", "rope_type", "type", "partial_rotary_factor");

    private final JsonFile config;
    private final JsonFile parameters;
    private final int headDim;
    private final float base;

    private RotaryConfig(JsonFile config, JsonFile parameters, int headDim, float base) {
        this.config = config;
        this.parameters = parameters;
        this.headDim = headDim;
        this.base = base;
    }

    /** The embedding of all layers. */
    static Rotary read(JsonFile config, int headDim) {
        JsonFile scaling = config.child("rope_scaling");
        JsonFile parameters = scaling.root().isEmpty() ? config.child("rope_parameters") : scaling;
        float base = config.has("rope_theta") ? config.number("rope_theta") : USUAL_BASE;
        return read(config, parameters, headDim, base);
    }

    /**
     * The embedding that {@code parameters} describe.
     *
     * @param base how much slower than the first pair a pair behind the last would turn, where they do not say
     */
    static Rotary read(JsonFile config, JsonFile parameters, int headDim, float base) {
        if (headDim < 2 || headDim % 2 != 0) {
            throw config.refuse("has heads of " + headDim + " numbers, and a rotary embedding takes pairs");
        }
        float given = parameters.has("rope_theta") ? parameters.number("rope_theta") : base;
        RotaryConfig read = new RotaryConfig(config, parameters, headDim, given);
        for (JsonFile file : List.of(config, parameters)) {
            if (file.has("partial_rotary_factor") && file.number("partial_rotary_factor") != 1) {
                throw file.unsupported("partial_rotary_factor", "only 1 is");
            }
        }
        return read.rotary();
    }

    private Rotary rotary() {
        String key = parameters.has("rope_type") ? "rope_type" : "type";
        return switch (parameters.string(key, "default")) {
            case "default" -> plain();
            case "linear" -> linear();
            case "llama3" -> llama3();
            case "yarn" -> yarn();
            default -> throw parameters.unsupported(key, "default, linear, llama3 and yarn are");
        };
    }

    private Rotary plain() {
        requireOnly();
        return new Rotary(headDim, inverse(1), 1);
    }

    private Rotary linear() {
        requireOnly("factor");
        float[] inverse = inverse(1);
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] /= parameters.number("factor");
        }
        return new Rotary(headDim, inverse, 1);
    }

    /** Long waves are stretched, short ones are not, and between them one goes over into the other. */
    private Rotary llama3() {
        requireOnly("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings");
        float factor = parameters.number("factor");
        float low = parameters.number("low_freq_factor");
        float high = parameters.number("high_freq_factor");
        float original = original();
        float[] inverse = inverse(1);
        for (int i = 0; i < inverse.length; i++) {
            float wave = (float) (2 * Math.PI) / inverse[i];
            if (wave > original / low) {
                inverse[i] /= factor;
            } else if (wave >= original / high) {
                float smooth = (original / wave - low) / (high - low);
                inverse[i] = (1 - smooth) * inverse[i] / factor + smooth * inverse[i];
            }
        }
        return new Rotary(headDim, inverse, 1);
    }

    /** A ramp over the pairs leads from the plain frequencies to those of a stretched text. */
    private Rotary yarn() {
        requireOnly(
                "factor",
                "original_max_position_embeddings",
                "attention_factor",
                "beta_fast",
                "beta_slow",
                "mscale",
                "mscale_all_dim",
                "truncate");
        float factor = parameters.has("factor")
                ? parameters.number("factor")
                : config.number("max_position_embeddings") / original();
        boolean truncate = parameters.flag("truncate", true);
        double from = pairOfTurns(orElse("beta_fast", 32));
        double to = pairOfTurns(orElse("beta_slow", 1));
        double low = Math.max(truncate ? Math.floor(from) : from, 0);
        double high = Math.min(truncate ? Math.ceil(to) : to, headDim - 1);
        float[] plain = inverse(1);
        float[] stretched = inverse(factor);
        for (int i = 0; i < plain.length; i++) {
            double ramp = (i - low) / (high == low ? 0.001 : high - low);
            float kept = 1 - (float) Math.max(0, Math.min(1, ramp));
            plain[i] = stretched[i] * (1 - kept) + plain[i] * kept;
        }
        return new Rotary(headDim, plain, yarnScale(factor));
    }

    private float yarnScale(float factor) {
        if (parameters.has("attention_factor")) {
            return parameters.number("attention_factor");
        }
        float some = orElse("mscale", 0);
        float all = orElse("mscale_all_dim", 0);
        return (float)
                (some != 0 && all != 0
                        ? stretchScale(factor, some) / stretchScale(factor, all)
                        : stretchScale(factor, 1));
    }

    private static double stretchScale(float factor, float by) {
        return factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1;
    }

    /** The pair that turns so often over the original length, as a real number. */
    private double pairOfTurns(float turns) {
        return headDim * Math.log(original() / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    private float original() {
        String key = "original_max_position_embeddings";
        JsonFile own = config.has(key) ? config : parameters;
        return own.has(key) ? own.number(key) : config.number("max_position_embeddings");
    }

    /** What transformers takes when a number is missing or 0. */
    private float orElse(String key, float usual) {
        float given = parameters.has(key) ? parameters.number(key) : usual;
        return given == 0 ? usual : given;
    }

    private float[] inverse(float factor) {
        float[] inverse = new float[headDim / 2];
        for (int i = 0; i < inverse.length; i++) {
            float power = (float) Math.pow(base, 2f * i / headDim);
            inverse[i] = 1 / (factor * power);
        }
        return inverse;
    }

    private void requireOnly(String... keys) {
        Set<String> known = new HashSet<>(ANY);
        known.addAll(List.of(keys));
        parameters.requireOnly(known);
    }
}
