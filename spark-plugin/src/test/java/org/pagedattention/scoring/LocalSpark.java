package org.pagedattention.scoring;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** One local Spark for all tests of this JVM. */
public final class LocalSpark {
    public static final SparkSession SESSION = SparkSession.builder()
            .master("local[2]")
            .appName("scoring-tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "3")
            .getOrCreate();

    private LocalSpark() {}

    public static Dataset<Row> table(List<Row> rows, StructType schema, int partitions) {
        return SESSION.createDataFrame(rows, schema).coalesce(1).repartition(partitions);
    }

    /** Rows in one partition, in the order given. */
    public static Dataset<Row> table(List<Row> rows, StructType schema) {
        return SESSION.createDataFrame(rows, schema).coalesce(1);
    }
}
