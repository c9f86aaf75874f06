package org.pagedattention.ml;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns of tables that stages read and add to. */
final class Columns {
    /** What scorers call their results, so that a table's own columns need other names while it is scored. */
    private static final Set<String> RESULTS = Set.of(
            "embedding",
            "tokens",
            "truncated",
            "logits",
            "label",
            "score",
            "log_likelihood",
            "is_greedy",
            "bytes",
            "word_count",
            "token_log_probs",
            "error");

    private static final String INPUT = " (input)";

    private Columns() {}

    /**
     * Demands a column of texts.
     *
     * @throws IllegalArgumentException when it is missing or of another type
     */
    static void requireTexts(Params stage, StructType schema, Param<String> param) {
        String name = stage.getOrDefault(param);
        StructField field = Arrays.stream(schema.fields())
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(stage.uid() + ": " + param.name() + " is '" + name
                        + "', a column that is not in the table, which has " + String.join(", ", schema.fieldNames())));
        if (!(field.dataType() instanceof StringType)) {
            throw new IllegalArgumentException(stage.uid() + ": " + param.name() + " is '" + name
                    + "', a column of type " + field.dataType().simpleString()
                    + ": texts are STRING, so cast it first or name another column");
        }
    }

    /**
     * A table's columns and one more.
     *
     * @throws IllegalArgumentException when the name is taken
     */
    static StructType add(Params stage, StructType schema, Param<String> param, DataType type) {
        String name = stage.getOrDefault(param);
        if (Arrays.stream(schema.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
            throw new IllegalArgumentException(stage.uid() + ": " + param.name() + " is '" + name
                    + "', which is the name of another column already: choose another one");
        }
        return schema.add(name, type, true);
    }

    /** A table whose columns have names that no result has. */
    static Dataset<Row> renamed(Dataset<Row> table) {
        return table.toDF(Arrays.stream(table.columns()).map(Columns::renamed).toArray(String[]::new));
    }

    /** What {@link #renamed(Dataset)} calls a column: no two of them the same. */
    static String renamed(String name) {
        String plain = name;
        while (plain.endsWith(INPUT)) {
            plain = plain.substring(0, plain.length() - INPUT.length());
        }
        return RESULTS.contains(plain.toLowerCase(Locale.ROOT)) ? name + INPUT : name;
    }

    /** A column by its name, whatever characters are in it. */
    static Column named(String name) {
        return functions.col("`" + name.replace("`", "``") + "`");
    }
}
