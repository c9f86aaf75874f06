package org.pagedattention.scoring;

import java.io.Serializable;
import java.util.Set;
import org.apache.spark.sql.types.StructType;

/** A workload over tables with one schema: made and checked by the driver, sent to the executors, opened by each task. */
public interface WorkloadPlan extends Serializable {

    /**
     * The table's own columns, which come first in rows that bring more for the workload alone.
     *
     * @param rows the columns of rows that tasks get
     */
    default StructType table(StructType rows) {
        return rows;
    }

    /** Names of the columns that the workload uses up; all others are carried into the output. */
    Set<String> inputs();

    /** The result columns, all of them nullable. */
    StructType results();

    /**
     * What a user can do when a carried column has the name of a result, other than rename it; continues "rename it before
     * scoring, or".
     */
    String withoutResult(String name);

    /**
     * Makes the workload of one task, of what this executor's tasks share.
     *
     * @param threads CPU threads that the task may use
     */
    Workload<?> open(int threads);
}
