package org.pagedattention.jobs.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a benchmark says to programs: one object a line, its members in the order they were put. */
public final class JsonLine {
    private final List<String> members = new ArrayList<>();

    public static JsonLine of(String bench) {
        return new JsonLine().text("bench", bench);
    }

    public JsonLine text(String name, Object value) {
        return member(name, quoted(value.toString()));
    }

    public JsonLine number(String name, long value) {
        return member(name, Long.toString(value));
    }

    /** A number with some digits behind its point; null where there is none. */
    public JsonLine number(String name, double value, int digits) {
        return member(name, Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%." + digits + "f", value));
    }

    public JsonLine object(String name, JsonLine value) {
        return member(name, value.toString());
    }

    public JsonLine array(String name, long... values) {
        return member(name, Arrays.toString(values));
    }

    private JsonLine member(String name, String json) {
        members.add(quoted(name) + ": " + json);
        return this;
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    @Override
    public String toString() {
        return "{" + String.join(", ", members) + "}";
    }
}
