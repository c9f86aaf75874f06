package org.pagedattention.jobs.tuning;

import java.util.Arrays;
import java.util.Collection;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Vectors in Parquet's lists of two levels, whose numbers are the repeated field itself: the form from before lists of
 * three levels, which all readers know. With three, Parquet's writer opens and closes a group for each number, which took
 * more time than all the rest of a job that embeds texts on a GPU. Spark writes the former in its legacy format, which holds
 * decimals and maps otherwise too; so tables that have such columns stay as they are.
 */
public final class PlainLists {
    private static final String LEGACY = "spark.sql.parquet.writeLegacyFormat";

    private PlainLists() {}

    /** Does {@code write} so that vectors are written in that form, where nothing else in a table changes its form. */
    public static void write(SparkSession spark, StructType table, Collection<String> vectors, Runnable write) {
        boolean asked = spark.conf().getOption(LEGACY).isDefined()
                && spark.sparkContext().getConf().contains(LEGACY);
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

    /** Whether the legacy format changes the vectors of a table, and nothing else. */
    static boolean suit(StructType table, Collection<String> vectors) {
        boolean any = false;
        for (StructField field : table.fields()) {
            boolean plain = vectors.contains(field.name()) && isPlain(field.dataType());
            if (!plain && changes(field.dataType())) {
                return false;
            }
            any |= plain;
        }
        return any;
    }

    private static boolean isPlain(DataType type) {
        return type instanceof ArrayType list
                && !list.containsNull()
                && !changes(list.elementType())
                && !(list.elementType() instanceof StructType)
                && !(list.elementType() instanceof StringType);
    }

    private static boolean changes(DataType type) {
        if (type instanceof StructType struct) {
            return Arrays.stream(struct.fields()).anyMatch(field -> changes(field.dataType()));
        }
        return type instanceof DecimalType || type instanceof ArrayType || type instanceof MapType;
    }
}
