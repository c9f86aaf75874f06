package org.pagedattention.sql;

import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import scala.collection.immutable.Seq;

/**
 * Computes columns of a task's rows.
 *
 * @param columns of the rows that come out
 * @param input columns of those that go in, which {@code columns} name; not needed where they say positions
 */
record Projection(Seq<Expression> columns, Seq<Attribute> input)
        implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {

    @Override
    public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
        UnsafeProjection projection =
                input.isEmpty() ? UnsafeProjection.create(columns) : UnsafeProjection.create(columns, input);
        projection.initialize(TaskContext.getPartitionId());
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public InternalRow next() {
                return projection.apply(rows.next());
            }
        };
    }
}
