package org.pagedattention.jobs.verify;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/** What a job should have made of a row, by another way than the job's. */
interface Comparison extends Serializable {

    /** Columns of the input that it needs, by the names under which it wants them. */
    Map<String, String> inputs();

    /** Columns of the input that rows cannot be told apart by, since the job does not carry them. */
    List<String> noKeys();

    /** The result columns that it compares. */
    List<String> results();

    /**
     * Compares {@code row}, which holds the inputs and the results under their names.
     *
     * @param name what to call the row
     */
    void check(Row row, String name, Verdict verdict);
}
