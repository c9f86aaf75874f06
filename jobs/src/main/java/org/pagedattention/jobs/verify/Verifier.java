package org.pagedattention.jobs.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.scoring.TableScorer;

/**
 * Compares a scored table with the table it came from, row by row, found by key columns.
 *
 * @param comparison what is compared of each row
 * @param keys columns that together tell rows apart; empty for all carried columns
 * @param sample rows to compare; 0 for all
 * @param completion gives the chosen rows what another table has of their inputs
 */
record Verifier(Comparison comparison, List<String> keys, long sample, UnaryOperator<Dataset<Row>> completion) {
    private static final String SCORED = "__scored";

    /** The rows of {@code input} that are not in {@code quarantine}. */
    Dataset<Row> without(Dataset<Row> quarantine, Dataset<Row> input) {
        List<String> names = names(input);
        requireColumns(quarantine, names, "--quarantine");
        long aside = distinctRows(quarantine, names, "quarantine");
        Dataset<Row> bad =
                quarantine.select(keyColumns(quarantine, names, "bad").toArray(Column[]::new));
        Column same = lit(true);
        for (int i = 0; i < names.size(); i++) {
            same = same.and(Tables.column(input, names.get(i)).eqNullSafe(bad.col("bad" + i)));
        }
        long found = distinctRows(input.join(bad, same, "left_semi"), names, "input");
        if (found != aside) {
            throw new JobFailedException("the quarantine has " + aside + " rows, of which " + found
                    + " are in the input: give the quarantine of the run that wrote --scored");
        }
        if (distinctRows(input, names, "input") == aside) {
            throw new JobFailedException("nothing was compared: all " + aside + " rows of the input are in the"
                    + " quarantine; its column error says why");
        }
        return input.join(bad, same, "left_anti");
    }

    private List<String> names(Dataset<Row> input) {
        List<String> names = keys.isEmpty() ? carried(input) : keys;
        requireColumns(input, names, "--input");
        return names;
    }

    /** Runs the comparison; {@code done} counts the rows. */
    Verdict verify(Dataset<Row> input, Dataset<Row> scored, LongAccumulator done) {
        List<String> names = names(input);
        requireColumns(scored, names, "--scored");
        long in = distinctRows(input, names, "input");
        long out = distinctRows(scored, names, "scored table");
        if (in != out) {
            throw new JobFailedException("row counts differ: the input has " + in + " rows, the scored table has " + out
                    + (out < in ? " (were rows put into quarantine? then name it with --quarantine)" : ""));
        }
        Dataset<Row> pairs = pairs(input, scored, names);
        Comparison check = comparison;
        FlatMapFunction<java.util.Iterator<Row>, Verdict> compare = rows -> {
            Verdict verdict = new Verdict();
            rows.forEachRemaining(row -> {
                compare(check, row, names, verdict);
                done.add(1);
            });
            return List.of(verdict).iterator();
        };
        return pairs.javaRDD().mapPartitions(compare).fold(new Verdict(), Verdict::merge);
    }

    private static void compare(Comparison check, Row row, List<String> keys, Verdict verdict) {
        String name = Tables.rowName(row, keys, 0);
        if (row.isNullAt(row.fieldIndex(SCORED))) {
            verdict.row("row " + name + " is not in the scored table");
        } else if (!row.isNullAt(row.fieldIndex(TableScorer.ERROR_COLUMN))) {
            verdict.refused();
        } else {
            check.check(row, name, verdict);
        }
    }

    private Dataset<Row> pairs(Dataset<Row> input, Dataset<Row> scored, List<String> names) {
        List<Column> left = new ArrayList<>(keyColumns(input, names, "key"));
        comparison
                .inputs()
                .forEach((wanted, column) ->
                        left.add(Tables.column(input, column).as(wanted)));
        List<Column> right = new ArrayList<>(keyColumns(scored, names, "found"));
        comparison.results().forEach(result -> right.add(scored.col(result)));
        right.add(lit(true).as(SCORED));
        // score adds the column only to a table that has none of that name, in whatever case
        boolean marked = Arrays.asList(scored.columns()).contains(TableScorer.ERROR_COLUMN)
                && Arrays.stream(input.columns()).noneMatch(TableScorer.ERROR_COLUMN::equalsIgnoreCase);
        right.add((marked ? scored.col(TableScorer.ERROR_COLUMN) : lit(null).cast("string"))
                .as(TableScorer.ERROR_COLUMN));
        Dataset<Row> wanted = completion.apply(sampled(input.select(left.toArray(Column[]::new)), names.size()));
        return wanted.join(scored.select(right.toArray(Column[]::new)), matching("found", names.size()), "left_outer");
    }

    /** Keeps the rows whose keys hash lowest: the same ones each time, found without moving tensors. */
    private Dataset<Row> sampled(Dataset<Row> input, int keyCount) {
        if (sample == 0) {
            return input;
        }
        Column[] ids = columns("key", keyCount);
        Column[] renamed = new Column[keyCount];
        Arrays.setAll(renamed, i -> ids[i].as("picked" + i));
        Dataset<Row> lowest = input.select(ids)
                .orderBy(Stream.concat(Stream.of(xxhash64(ids)), Arrays.stream(ids))
                        .toArray(Column[]::new))
                .limit((int) Math.min(sample, Integer.MAX_VALUE - 16))
                .select(renamed);
        return input.join(functions.broadcast(lowest), matching("picked", keyCount), "left_semi");
    }

    private static Column matching(String other, int keyCount) {
        Column condition = lit(true);
        for (int i = 0; i < keyCount; i++) {
            condition = condition.and(col("key" + i).eqNullSafe(col(other + i)));
        }
        return condition;
    }

    private static Column[] columns(String prefix, int count) {
        Column[] columns = new Column[count];
        Arrays.setAll(columns, i -> col(prefix + i));
        return columns;
    }

    private static List<Column> keyColumns(Dataset<Row> table, List<String> names, String prefix) {
        List<Column> columns = new ArrayList<>();
        for (String name : names) {
            columns.add(Tables.column(table, name).as(prefix + columns.size()));
        }
        return columns;
    }

    private List<String> carried(Dataset<Row> input) {
        List<String> others = comparison.noKeys();
        List<String> names = new ArrayList<>();
        for (StructField field : input.schema().fields()) {
            if (!others.contains(field.name()) && RowOrdering.isOrderable(field.dataType())) {
                names.add(field.name());
            }
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException(
                    "the input has no column besides those that the job uses up that can be compared (maps cannot), so rows of the scored table"
                            + " cannot be matched: score a table with a column that names its rows");
        }
        return names;
    }

    private static void requireColumns(Dataset<Row> table, List<String> names, String option) {
        List<String> present = Arrays.asList(table.columns());
        for (String name : names) {
            if (!present.contains(name)) {
                throw new IllegalArgumentException("key column '" + name + "' is not in the table of " + option
                        + ", which has " + String.join(", ", present) + ": name key columns of both with --key");
            }
            DataType type = table.schema().apply(name).dataType();
            if (!RowOrdering.isOrderable(type)) {
                throw new IllegalArgumentException("key column '" + name + "' of the table of " + option + " is "
                        + type.simpleString() + ", and maps cannot be compared: name other columns with --key");
            }
        }
    }

    /** Counts the rows, all of which must have keys of their own. */
    private static long distinctRows(Dataset<Row> table, List<String> names, String what) {
        Column[] ids = keyColumns(table, names, "key").toArray(Column[]::new);
        Dataset<Row> groups =
                table.select(ids).groupBy(columns("key", ids.length)).count();
        Row totals = groups.agg(sum("count"), max("count")).first();
        if (totals.isNullAt(0)) {
            return 0;
        }
        if (totals.getLong(1) > 1) {
            Row doubled = groups.filter(col("count").gt(1)).first();
            throw new JobFailedException("the key columns " + String.join(", ", names) + " do not tell the rows of the "
                    + what + " apart: " + Tables.rowName(doubled, names, 0)
                    + " is there more than once; name columns that do with --key");
        }
        return totals.getLong(0);
    }
}
