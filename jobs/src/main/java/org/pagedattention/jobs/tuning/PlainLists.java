package org.pagedattention.jobs.tuning;

import java.util.Arrays;
import java.util.Collection;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * Vectors in Parquet's lists of two levels, whose numbers are the repeated field itself: the form from before lists of
 * three levels, which all readers know. With three, Parquet's writer opens and closes a group for each number, which took
 * more time than all the rest of a job that embeds texts on a GPU. Spark writes the former in its legacy format, in which
 * other lists and maps have other names within, and the same values; decimals would have another type, so tables that hold
 * some stay as they are.
 */
public final class PlainLists {
    private static final String LEGACY = "spark.sql.parquet.writeLegacyFormat";

    private PlainLists() {}

    /** Does {@code write} so that vectors are written in that form, where there are any and no decimals. */
    public static void write(SparkSession spark, StructType table, Collection<String> vectors, Runnable write) {
        // a user who says how lists are to be written is obeyed
        boolean asked = spark.sparkContext().getConf().contains(LEGACY);
        if (asked || !suit(table, vectors)) {
            write.run();
            return;
        }
        spark.conf().set(LEGACY, "true");
        try {
            write.run();
        } finally {
            spark.conf().unset(LEGACY);
        }
    }

    /** Whether a table has vectors, and nothing that the legacy format gives another type. */
    static boolean suit(StructType table, Collection<String> vectors) {
        return Arrays.stream(table.fields()).noneMatch(field -> holdsDecimals(field.dataType()))
                && Arrays.stream(table.fields())
                        .anyMatch(field -> vectors.contains(field.name()) && isVector(field.dataType()));
    }

    private static boolean isVector(DataType type) {
        return type instanceof ArrayType list && !list.containsNull() && list.elementType() instanceof NumericType;
    }

    private static boolean holdsDecimals(DataType type) {
        if (type instanceof StructType struct) {
            return Arrays.stream(struct.fields()).anyMatch(field -> holdsDecimals(field.dataType()));
        }
        if (type instanceof MapType map) {
            return holdsDecimals(map.keyType()) || holdsDecimals(map.valueType());
        }
        return type instanceof DecimalType || (type instanceof ArrayType list && holdsDecimals(list.elementType()));
    }
}
