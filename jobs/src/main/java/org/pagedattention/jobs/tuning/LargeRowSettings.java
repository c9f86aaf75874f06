package org.pagedattention.jobs.tuning;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.scoring.input.ReadSettings;

/** Settings of Parquet for rows of megabytes, where Parquet's and Spark's own are made for rows of bytes. */
public final class LargeRowSettings {
    private static final Map<String, String> SMALL_PARTS =
            Map.of("spark.sql.files.maxPartitionBytes", "16m", "spark.sql.files.openCostInBytes", "64k");

    /** Texts that Spark decodes at once; of a megabyte each, they still fit a small heap. */
    private static final String TEXTS_READ = "32";

    /**
     * Rows that Spark decodes at once: its default, 4096, would take gigabytes of heap with tensor columns, and already with
     * two it copies the first again to make room for the second.
     */
    public static final List<String> ROWS_READ =
            List.of("spark.sql.parquet.columnarReaderBatchSize", "spark.sql.orc.columnarReaderBatchSize");

    private static final Map<String, String> SESSION = Map.of(
            ROWS_READ.get(0),
            "1",
            ROWS_READ.get(1),
            "1",
            // give a longer row's values back after it, and do not reserve twice their size
            "spark.sql.inMemoryColumnarStorage.hugeVectorThreshold",
            "8m",
            // with it Spark's vectorised reader gives wrong values of some pages
            ReadSettings.VECTORED_READS,
            "false",
            // local files: Hadoop would write a checksum, and so the file, in steps of 512 bytes
            "spark.hadoop.file.bytes-per-checksum",
            "65536");

    private static final Map<String, String> WRITE = Map.of(
            // look at sizes after every row: Parquet would look after 100, and then guess from the rows so far
            "parquet.page.size.row.check.min",
            "1",
            "parquet.page.size.row.check.max",
            "1",
            // a task holds the row group that it writes, and for a moment two of those that it reads
            "parquet.block.size",
            Integer.toString(32 << 20));

    private LargeRowSettings() {}

    public static Map<String, String> sessionDefaults() {
        return SESSION;
    }

    /** Options for writing a table with these tensor columns; what the user set in {@code hadoop} stays. */
    public static Map<String, String> writeOptions(Configuration hadoop, Iterable<String> tensorColumns) {
        Map<String, String> options = new HashMap<>(WRITE);
        for (String column : tensorColumns) {
            // random bits never repeat, and nobody asks for the smallest tensor
            for (String path : new String[] {column, column + ".list.element", column + ".array"}) {
                options.put("parquet.enable.dictionary#" + path, "false");
                options.put("parquet.column.statistics.enabled#" + path, "false");
            }
        }
        options.keySet().removeIf(key -> hadoop.get(key) != null);
        return options;
    }

    /**
     * Has a session read texts in small parts: a task may take minutes for a megabyte of them, and parts that are made for
     * scans would leave cores idle.
     */
    public static void readTexts(SparkSession spark) {
        SMALL_PARTS.forEach((key, bytes) -> {
            if (!spark.sparkContext().getConf().contains(key)) {
                spark.conf().set(key, bytes);
            }
        });
        ROWS_READ.stream()
                .filter(key -> spark.conf().get(key).equals("1"))
                .forEach(key -> spark.conf().set(key, TEXTS_READ));
    }
}
