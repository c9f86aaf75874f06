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

/**
 * A second table that is read, whose rows have a key.
 *
 * @param option the option that names it
 * @param path what that says; empty where it was not given
 * @param format of the table
 */
record KeyedTable(String option, String path, String format) {

    boolean given() {
        return !path.isEmpty();
    }

    /**
     * Checks that a key goes with the table.
     *
     * @param keyOption the option that names the key
     * @param key what it says; empty where it was not given
     * @param meaning of the key, continues "that says"
     */
    void requireKey(String keyOption, String key, String meaning) {
        if (given() == key.isEmpty()) {
            throw new IllegalArgumentException(
                    given()
                            ? option + " " + path + " needs " + keyOption
                                    + ": name the column of both tables that says " + meaning
                            : keyOption + " " + key + " names the key of " + option + ": give both, or leave it out");
        }
    }

    Dataset<Row> read(SparkSession spark, Console console) {
        return Tables.read(spark, format, path, option, console.err());
    }

    /** Refuses places of the job's results that lie in the table, or it in them. */
    void requireApart(TableJob job, Dataset<Row> table) {
        job.requireApart(option, path, table);
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
