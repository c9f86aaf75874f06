package org.pagedattention.conf;

import java.util.Map;
import java.util.function.Function;

/**
 * One setting.
 *
 * @param name without the prefix
 * @param fallback its text when it is not set
 * @param doc what it does, with units
 * @param parser checks and converts the text; an IllegalArgumentException's message says what is allowed
 */
record ConfKey<T>(String name, String fallback, String doc, Function<String, T> parser) {
    static final String PREFIX = "spark.pagedAttention.";

    String key() {
        return PREFIX + name;
    }

    T read(Map<String, String> conf) {
        String text = conf.getOrDefault(key(), fallback);
        try {
            return parser.apply(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    key() + " is '" + text + "': " + e.getMessage() + " (default " + fallback + ")", e);
        }
    }
}
