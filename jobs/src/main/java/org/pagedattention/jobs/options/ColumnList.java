package org.pagedattention.jobs.options;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of columns as an option takes them: with commas between, in backticks where a name has one itself. */
public final class ColumnList {
    private static final Pattern NAME = Pattern.compile("(?:`((?:[^`]|``)+)`|([^`,][^,]*))(?:,|$)");

    private ColumnList() {}

    /**
     * The names in all of an option's values.
     *
     * @throws IllegalArgumentException when one is empty, or a backtick stays open
     */
    public static List<String> parse(String option, List<String> values) {
        List<String> names = new ArrayList<>();
        for (String value : values) {
            Matcher matcher = NAME.matcher(value);
            int end = 0;
            while (matcher.find() && matcher.start() == end) {
                names.add(
                        matcher.group(1) == null
                                ? matcher.group(2)
                                : matcher.group(1).replace("``", "`"));
                end = matcher.end();
            }
            if (end < value.length() || value.isEmpty() || value.endsWith(",")) {
                throw new IllegalArgumentException(
                        option + " '" + value
                                + "' is no list of columns: put commas between names, and backticks around one that has a comma");
            }
        }
        return names;
    }
}
