package org.pagedattention.jobs.cli;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.tuning.LargeRowSettings;
import scala.Tuple2;

/**
 * The Spark session of one job, with defaults that suit tensor columns. Stops at the end what it started; a session
 * that was there before stays.
 */
public final class JobSession implements AutoCloseable {
    private final SparkSession spark;
    private final boolean started;

    private static final String MAIN = "org.pagedattention.jobs.Main";

    private JobSession(SparkSession spark, boolean started) {
        this.spark = spark;
        this.started = started;
    }

    /**
     * Starts Spark, or takes the session that is there.
     *
     * @throws IllegalArgumentException for a setting of this project that is misspelt or out of range
     */
    public static JobSession open(String job) {
        boolean started = SparkSession.getDefaultSession().isEmpty();
        SparkConf conf = new SparkConf();
        // some jobs need none of them, but whoever mistypes one there would copy it to those that do
        PagedAttentionConf.parse(conf(conf, Map.of()));
        conf.setIfMissing("spark.master", "local[*]");
        // spark-submit names the application after the main class when nobody names it
        if (conf.get("spark.app.name", MAIN).equals(MAIN)) {
            conf.set("spark.app.name", "paged-attention " + job);
        }
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        // heartbeats carry the counts of running tasks, which the progress line shows
        conf.setIfMissing("spark.executor.heartbeatInterval", "2s");
        LargeRowSettings.sessionDefaults().forEach(conf::setIfMissing);
        return new JobSession(SparkSession.builder().config(conf).getOrCreate(), started);
    }

    public SparkSession spark() {
        return spark;
    }

    /** Spark's settings with {@code overrides} on top. */
    public Map<String, String> conf(Map<String, String> overrides) {
        return conf(spark.sparkContext().getConf(), overrides);
    }

    public static Map<String, String> conf(SparkConf conf, Map<String, String> overrides) {
        Map<String, String> all = new HashMap<>();
        for (Tuple2<String, String> entry : conf.getAll()) {
            all.put(entry._1, entry._2);
        }
        all.putAll(overrides);
        return all;
    }

    @Override
    public void close() {
        if (started) {
            spark.stop();
        }
    }
}
