package org.pagedattention.scoring.input;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.InputAdapter;
import org.apache.spark.sql.execution.SQLExecutionRDD;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;

/**
 * The rows of a table as Spark has them: internal ones, which hold tensors as plain memory, where public ones would box
 * every float of an array. Each row lives until the next one is asked for.
 */
public final class InputRows {
    private InputRows() {}

    /**
     * A table as scoring needs it.
     *
     * @throws IllegalArgumentException when it belongs to a session of Spark Connect
     */
    public static Dataset<Row> classic(org.apache.spark.sql.Dataset<Row> table) {
        if (table instanceof Dataset<Row> classic) {
            return classic;
        }
        throw new IllegalArgumentException(
                "scoring runs inside the cluster: submit a job instead of using a Spark Connect session");
    }

    /**
     * Plans to read a table.
     *
     * @throws IllegalArgumentException when settings ask for a way to read that gives other values than the files hold
     */
    public static JavaRDD<InternalRow> of(Dataset<?> given) {
        SparkSession spark = given.sparkSession();
        SQLConf conf = spark.sessionState().conf();
        ReadSettings.requireRight(spark);
        optionsOf(given.queryExecution().analyzed()).forEach(said -> ReadSettings.requireRight(conf, said));
        return ReadSettings.plan(conf, () -> {
            // a table that was used before keeps a plan with the settings of then
            Dataset<Row> table = Dataset.ofRows(spark, given.queryExecution().analyzed());
            RDD<ColumnarBatch> batches = batches(table);
            return batches == null
                    ? table.queryExecution().toRdd().toJavaRDD()
                    : new SQLExecutionRDD(
                                    batches.toJavaRDD().mapPartitions(Rows::new).rdd(), conf)
                            .toJavaRDD();
        });
    }

    /** What the options of the files that {@code plan} reads say of vectored reads. */
    private static Stream<String> optionsOf(LogicalPlan plan) {
        return CollectionConverters.asJava(plan.collectLeaves()).stream()
                .map(leaf -> leaf instanceof LogicalRelation table ? table.relation() : null)
                .flatMap(table -> table instanceof HadoopFsRelation files
                        ? OptionConverters.toJava(files.options().get(ReadSettings.VECTORED_READS)).stream()
                        : Stream.empty());
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
