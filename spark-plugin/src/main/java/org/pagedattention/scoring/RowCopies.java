package org.pagedattention.scoring;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import scala.jdk.javaapi.CollectionConverters;

/** Copies what must outlive an input row, which is gone when the next one comes. */
final class RowCopies {
    private final UnsafeProjection toWhole;
    private final UnsafeProjection toCarried;

    RowCopies(RowLayout layout) {
        toWhole = UnsafeProjection.create(layout.input());
        List<Expression> carried = layout.carried().stream()
                .map(ordinal -> reference(ordinal, layout.input().fields()[ordinal]))
                .toList();
        toCarried =
                UnsafeProjection.create(CollectionConverters.asScala(carried).toSeq());
    }

    InternalRow carried(InternalRow row) {
        return toCarried.apply(row).copy();
    }

    UnsafeRow whole(InternalRow row) {
        return toWhole.apply(row).copy();
    }

    private static Expression reference(int ordinal, StructField field) {
        return new BoundReference(ordinal, field.dataType(), field.nullable());
    }
}
