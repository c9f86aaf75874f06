package org.pagedattention.scoring.input;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.internal.SQLConf;

/**
 * Settings with which Spark reads tables for scoring, in force while it plans to. What the user set stays, where it
 * reads right.
 */
public final class ReadSettings {
    /**
     * Spark's vectorised Parquet reader takes other bytes than a value's from pages in DELTA_BYTE_ARRAY that come out of
     * a vectored read as they lie in the file, without decompression: it forgets where in their array such pages begin.
     */
    public static final String VECTORED_READS = ParquetInputFormat.HADOOP_VECTORED_IO_ENABLED;

    /** Spark's default is 4096 rows decoded at once, which takes gigabytes of heap with tensor columns. */
    private static final Map<String, String> VALUES = Map.of(
            "spark.sql.parquet.columnarReaderBatchSize",
            "1",
            "spark.sql.orc.columnarReaderBatchSize",
            "1",
            VECTORED_READS,
            "false");

    /** Settings of a session that are ours for now, and how many threads plan with them. */
    private static final Map<SQLConf, Use> IN_USE = new HashMap<>();

    private record Use(List<String> keys, int threads) {}

    private ReadSettings() {}

    /**
     * Refuses settings with which Spark reads other values than a table holds.
     *
     * @throws IllegalArgumentException naming the setting
     */
    public static void requireRight(SparkSession spark) {
        SQLConf session = spark.sessionState().conf();
        requireRight(session, spark.sparkContext().hadoopConfiguration().get(VECTORED_READS, "false"));
        requireRight(session, session.getConfString(VECTORED_READS, "false"));
    }

    /** Refuses what {@link #requireRight(SparkSession)} does, where somebody said {@code said} of vectored reads. */
    static void requireRight(SQLConf session, String said) {
        if (Boolean.parseBoolean(said.trim()) && session.parquetVectorizedReaderEnabled()) {
            throw new IllegalArgumentException(VECTORED_READS + " is true, and then Spark's vectorised reader takes"
                    + " wrong bytes from Parquet pages in DELTA_BYTE_ARRAY without compression: leave the setting out,"
                    + " or set " + SQLConf.PARQUET_VECTORIZED_READER_ENABLED().key() + " to false beside it");
        }
    }

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
            use = new Use(
                    VALUES.keySet().stream()
                            .filter(key -> !session.contains(key))
                            .toList(),
                    0);
            use.keys().forEach(key -> session.setConfString(key, VALUES.get(key)));
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
