package org.pagedattention.scoring;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.conf.PagedAttentionConf;
import scala.jdk.javaapi.CollectionConverters;

/** Our settings as a session has them: those that Spark was started with, and what was set since then. */
public final class SessionSettings {
    private SessionSettings() {}

    /**
     * The settings of a session.
     *
     * @throws IllegalArgumentException for an unknown key of ours or a value out of range
     */
    public static PagedAttentionConf of(SparkSession spark) {
        return with(spark, Map.of());
    }

    /** The settings of a session with {@code overrides} on top; their keys have the prefix. */
    public static PagedAttentionConf with(SparkSession spark, Map<String, String> overrides) {
        Map<String, String> settings =
                new HashMap<>(CollectionConverters.asJava(spark.conf().getAll()));
        settings.putAll(overrides);
        return PagedAttentionConf.parse(settings);
    }
}
