package org.pagedattention.jobs.score;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.run.InputFile;
import org.pagedattention.jobs.run.TableJob;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.scoring.Histories;
import picocli.CommandLine.Option;

/** The table of histories, where K and V lie in one of their own. */
public final class HistoryOptions {
    private static final String INPUT = "--kv-input";

    @Option(
            names = INPUT,
            paramLabel = "PATH",
            description =
                    "Table of histories: a key, k and v a row. Rows of --input then have q and the key, and no k and"
                            + " v; a history that many of them ask is shuffled once a task and held once a batch")
    private String path = "";

    @Option(
            names = "--kv-input-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark reads, such as orc (default: parquet)")
    private String format = "parquet";

    public boolean given() {
        return !path.isEmpty();
    }

    /**
     * Checks that the key goes with the table.
     *
     * @param option the option that names the key
     * @param key what it says; empty where it was not given
     */
    public void requireKey(String option, String key) {
        if (given() == key.isEmpty()) {
            throw new IllegalArgumentException(
                    given()
                            ? INPUT + " " + path + " needs " + option
                                    + ": name the column of both tables that says whose history a row asks"
                            : option + " " + key + " names the key of " + INPUT + ": give both, or leave it out");
        }
    }

    /** Opens the table. */
    public Histories read(SparkSession spark, Console console, String key) {
        return new Histories(Tables.read(spark, format, path, INPUT, console.err()), key);
    }

    /** Refuses places of the job's results that lie in the table, or it in them. */
    void requireApart(TableJob job, Histories histories) {
        job.requireApart(INPUT, path, histories.table());
    }

    /** What the table's files are now, in a few words that are others when one of them is another. */
    static String version(Dataset<Row> table) {
        List<InputFile> files = InputFile.of(table);
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(files.toString().getBytes(StandardCharsets.UTF_8));
            return files.size() + " files of "
                    + files.stream().mapToLong(InputFile::bytes).sum() + " bytes, their list "
                    + HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
