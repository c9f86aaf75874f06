package org.pagedattention.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Settings as texts. Whoever reads one states all there is to it, so each is documented and known where it is used. */
final class Settings {
    static final String PREFIX = "spark.pagedAttention.";

    /**
     * A setting.
     *
     * @param key with the prefix
     * @param fallback its text when it is not set
     * @param doc what it does, with units
     * @param value what it is now
     */
    record Setting(String key, String fallback, String doc, Object value) {}

    private final Map<String, String> texts;
    private final List<Setting> read = new ArrayList<>();

    Settings(Map<String, String> texts) {
        this.texts = texts;
    }

    /**
     * Reads one setting.
     *
     * @param name without the prefix
     * @param fallback its text when it is not set
     * @param parser checks and converts the text; an IllegalArgumentException's message says what is allowed
     * @param doc what it does, with units
     * @throws IllegalArgumentException naming the key, its text and what is allowed
     */
    <T> T read(String name, String fallback, Function<String, T> parser, String doc) {
        String key = PREFIX + name;
        String text = texts.getOrDefault(key, fallback);
        try {
            T value = parser.apply(text.strip());
            read.add(new Setting(key, fallback, doc, value));
            return value;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    key + " is '" + text + "': " + e.getMessage() + " (default " + fallback + ")", e);
        }
    }

    /** All that were read, in that order. */
    List<Setting> all() {
        return read;
    }
}
