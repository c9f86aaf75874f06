package org.pagedattention.jobs.table;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What lies in the folder of a table, by its name alone.
 *
 * @param format as Spark calls it
 */
public record TableEntries(String format) {
    /** Of these, a folder of files is all there is; others have folders of their own, and look after them. */
    private static final Set<String> FOLDERS_OF_FILES = Set.of("parquet", "orc", "avro", "csv", "json", "text", "xml");

    /** What Spark and --resume write, what Hive writes, and what says of itself that it is part of a table. */
    private static final Pattern DATA =
            Pattern.compile("(part-|unit-\\d).*|\\d+_\\d+(_.*)?|.*\\.(parquet|parq|pq|orc|avro)(\\.[a-z0-9]+)?");

    /** Checksums, files in the making, and what Spark, Hive and file browsers put beside data. */
    private static final Pattern HIDDEN_FILES =
            Pattern.compile("_.*|\\..*\\.(crc|partial)|\\.(part-|_|spark-).*|\\.DS_Store");

    /** What Spark, Hive, committers of S3A and --resume work in. */
    private static final Pattern HIDDEN_FOLDERS =
            Pattern.compile("_temporary|__magic.*|_units|_spark_metadata|\\.(_|spark-|hive-staging).*");

    /** A value may be empty where another program wrote the folders. */
    private static final Pattern PARTITION = Pattern.compile("[^=]+=.*");

    /** Whether only the format itself knows what belongs to its tables. */
    public boolean ownLayout() {
        String name = format.toLowerCase(Locale.ROOT);
        return !FOLDERS_OF_FILES.contains(name) && !name.startsWith("org.apache.spark.sql.");
    }

    /** Whether a table may hold a file or folder of this name. */
    public boolean mayHold(String name, boolean folder) {
        return folder
                ? PARTITION.matcher(name).matches()
                        || HIDDEN_FOLDERS.matcher(name).matches()
                : DATA.matcher(name).matches() || HIDDEN_FILES.matcher(name).matches() || hasSuffix(name);
    }

    private boolean hasSuffix(String name) {
        String suffix = format.equalsIgnoreCase("text") ? "txt" : format.toLowerCase(Locale.ROOT);
        return name.matches(".*\\." + suffix + "(\\.[a-z0-9]+)?");
    }
}
