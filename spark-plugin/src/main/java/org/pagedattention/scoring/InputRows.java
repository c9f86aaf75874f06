package org.pagedattention.scoring;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.InputAdapter;
import org.apache.spark.sql.execution.SQLExecutionRDD;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table as Spark has them: internal ones, which hold tensors as plain memory, where public ones would box
 * every float of an array. Each row lives until the next one is asked for.
 */
final class InputRows {
    private InputRows() {}

    static JavaRDD<InternalRow> of(Dataset<?> table) {
        SQLConf conf = table.sparkSession().sessionState().conf();
        return SmallReads.plan(conf, () -> {
            RDD<ColumnarBatch> batches = batches(table);
            return batches == null
                    ? table.queryExecution().toRdd().toJavaRDD()
                    : new SQLExecutionRDD(
                                    batches.toJavaRDD().mapPartitions(Rows::new).rdd(), conf)
                            .toJavaRDD();
        });
    }

    /** The table column by column; null where Spark does not have it so. */
    static @Nullable RDD<ColumnarBatch> batches(Dataset<?> table) {
        SparkPlan columns = columns(table.queryExecution().executedPlan());
        return columns == null ? null : columns.executeColumnar();
    }

    /**
     * What a plan reads column by column, when all that it does after that is to make rows of it: Spark's way to do so
     * copies every tensor twice. Null for other plans.
     */
    private static @Nullable SparkPlan columns(SparkPlan plan) {
        SparkPlan stage = plan instanceof WholeStageCodegenExec codegen ? codegen.child() : plan;
        if (!(stage instanceof ColumnarToRowExec toRows)) {
            return null;
        }
        return toRows.child() instanceof InputAdapter adapter ? adapter.child() : toRows.child();
    }

    /** The rows of column batches, one batch after another. */
    private static final class Rows implements Iterator<InternalRow> {
        private final Iterator<ColumnarBatch> batches;
        private Iterator<InternalRow> rows = Collections.emptyIterator();

        Rows(Iterator<ColumnarBatch> batches) {
            this.batches = batches;
        }

        @Override
        public boolean hasNext() {
            while (!rows.hasNext() && batches.hasNext()) {
                rows = batches.next().rowIterator();
            }
            return rows.hasNext();
        }

        @Override
        public InternalRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return rows.next();
        }
    }
}
