package org.pagedattention.scoring;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.internal.SQLConf;

/**
 * Lets Spark decode tables row by row while it plans to read them for scoring. Its default is 4096 rows at once, which
 * takes gigabytes of heap with tensor columns. What the user set stays.
 */
final class SmallReads {
    private static final List<String> KEYS =
            List.of("spark.sql.parquet.columnarReaderBatchSize", "spark.sql.orc.columnarReaderBatchSize");
    /** Settings of a session that are ours for now, and how many threads plan with them. */
    private static final Map<SQLConf, Use> IN_USE = new HashMap<>();

    private record Use(List<String> keys, int threads) {}

    private SmallReads() {}

    /** Makes a plan; readers take the settings of this moment along. */
    static <T> T plan(SQLConf session, Supplier<T> plan) {
        begin(session);
        try {
            return plan.get();
        } finally {
            end(session);
        }
    }

    private static synchronized void begin(SQLConf session) {
        Use use = IN_USE.get(session);
        if (use == null) {
            use = new Use(KEYS.stream().filter(key -> !session.contains(key)).toList(), 0);
            use.keys().forEach(key -> session.setConfString(key, "1"));
        }
        IN_USE.put(session, new Use(use.keys(), use.threads() + 1));
    }

    private static synchronized void end(SQLConf session) {
        Use use = IN_USE.remove(session);
        if (use != null && use.threads() > 1) {
            IN_USE.put(session, new Use(use.keys(), use.threads() - 1));
        } else if (use != null) {
            use.keys().forEach(session::unsetConf);
        }
    }
}
