package org.pagedattention.jobs;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.scoring.Emit;

/**
 * What {@code --on-bad-row} asks for.
 *
 * @param name fail, null or quarantine; empty where the option is not given
 * @param quarantine where bad rows go; empty for the other policies
 */
record BadRowPolicy(String name, String quarantine) {
    private static final String QUARANTINE = "quarantine";
    private static final String ERROR_COLUMN = "error";

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

    Map<String, String> settings() {
        return name.isEmpty() ? Map.of() : Map.of(PagedAttentionConf.PREFIX + "onBadRow", name);
    }

    /** The setting alone cannot say where bad rows go. */
    void requirePath(PagedAttentionConf conf) {
        if (conf.onBadRow().equals(QUARANTINE) && quarantine.isEmpty()) {
            throw new IllegalArgumentException(PagedAttentionConf.PREFIX
                    + "onBadRow is quarantine, which needs a path: give --on-bad-row quarantine=PATH");
        }
    }

    void write(Dataset<Row> scored, OutputOptions output, List<String> tensorColumns) {
        if (quarantine.isEmpty()) {
            Tables.write(scored, output, tensorColumns);
            return;
        }
        OutputOptions aside = output.at(quarantine);
        Tables.requireWritable(scored.sparkSession(), aside, output.path());
        // two tables come out of one pass, so that attention is not computed twice
        scored.persist(StorageLevel.DISK_ONLY());
        try {
            Dataset<Row> bad = scored.filter(scored.col(ERROR_COLUMN).isNotNull());
            for (Emit emit : Emit.values()) {
                bad = bad.drop(emit.column());
            }
            Tables.write(bad, aside, List.of());
            Tables.write(scored.filter(scored.col(ERROR_COLUMN).isNull()).drop(ERROR_COLUMN), output, tensorColumns);
        } finally {
            scored.unpersist();
        }
    }
}
