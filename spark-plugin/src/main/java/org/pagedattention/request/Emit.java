package org.pagedattention.request;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A result column. */
public enum Emit {
    /** Attention output {@code [queries, queryHeads, valueDim]}, encoded as column q is. */
    O,
    /** ARRAY&lt;FLOAT&gt;: natural log-sum-exp {@code [queries, queryHeads]}. */
    LSE,
    /** ARRAY&lt;FLOAT&gt;: one vector a sequence, {@code [queryHeads * valueDim]}. */
    POOLED,
    /** DOUBLE: the linear head's answer to the pooled vector. */
    SCORE;

    /** Name of the column. */
    public String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The columns in a comma-separated list.
     *
     * @throws IllegalArgumentException for an unknown, missing or doubled name
     */
    public static Set<Emit> parse(String list) {
        Set<Emit> result = EnumSet.noneOf(Emit.class);
        for (String name : list.split(",", -1)) {
            if (!result.add(one(name.strip()))) {
                throw new IllegalArgumentException("option emit " + list + " names '" + name.strip()
                        + "' twice: a table has one column of each name");
            }
        }
        return result;
    }

    private static Emit one(String name) {
        return Arrays.stream(values())
                .filter(emit -> emit.column().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "cannot emit '" + name + "': option emit takes a comma-separated list of " + names()));
    }

    private static String names() {
        return Arrays.stream(values()).map(Emit::column).collect(Collectors.joining(", "));
    }
}
