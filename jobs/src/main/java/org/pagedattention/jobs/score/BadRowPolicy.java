package org.pagedattention.jobs.score;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.table.Tables;

/**
 * What {@code --on-bad-row} asks for.
 *
 * @param name fail, null or quarantine; empty where the option is not given
 * @param path where bad rows go; empty for the other policies
 */
record BadRowPolicy(String name, String path) {
    private static final String QUARANTINE = "quarantine";

    static BadRowPolicy parse(String text) {
        if (text.startsWith(QUARANTINE + "=") && text.length() > QUARANTINE.length() + 1) {
            return new BadRowPolicy(QUARANTINE, text.substring(QUARANTINE.length() + 1));
        }
        if (text.isEmpty() || text.equals("fail") || text.equals("null")) {
            return new BadRowPolicy(text, "");
        }
        throw new IllegalArgumentException(
                "--on-bad-row '" + text + "' is not known: use fail, null or quarantine=PATH");
    }

    /** Refuses a quarantine in the input or the output, where its rows would be taken for theirs. */
    void requireApart(SparkSession spark, String input, String output) {
        if (!path.isEmpty()) {
            Tables.requireApartFromInput(spark, "--on-bad-row quarantine=", path, input);
            Tables.requireApart(spark, "--on-bad-row quarantine=", path, "--output", output);
        }
    }

    Map<String, String> settings() {
        return name.isEmpty() ? Map.of() : Map.of(PagedAttentionConf.PREFIX + "onBadRow", name);
    }
}
