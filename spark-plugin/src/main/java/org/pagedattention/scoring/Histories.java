package org.pagedattention.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.input.InputRows;
import org.pagedattention.scoring.keys.KeyPlacement;

/**
 * Keys and values that rows of another table ask: a user's history, a document. Each is a row with a key; rows that ask have
 * its key and a q, and no k and v of their own, or, where they are prefixes, some that stand behind these. A history crosses Spark's shuffle once for each task that has rows of its
 * key, and lies in a batch once; the rows of a key that very many have are split over tasks. One that nobody asks mostly does
 * not even cross the shuffle. A row whose key is null, or the key of no history or of several, is a bad row.
 *
 * @param table the histories: the key, k and v; other columns are not looked at
 * @param key name of the key, in both tables of the same type: whole numbers, STRING, BINARY, DECIMAL, DATE, TIMESTAMP
 * @param prefixes whether rows have k and v of their own, behind those of their history
 */
public record Histories(Dataset<Row> table, String key, boolean prefixes) {
    private static final String TASK = "task";
    private static final String IS_HISTORY = "is_history";
    private static final String K = "k";
    private static final String V = "v";

    /** Of tasks, for each that runs at a time, so that one which takes longer keeps no slot idle for long. */
    private static final int TURNS = 3;

    /** Bytes of a task's part, as far as Spark knows the size of tables; of what it does not know it says petabytes. */
    private static final long TASK_BYTES = 128L << 20;

    private static final long MOST_TASKS = 10_000;
    private static final long LARGEST_TABLE = 1L << 50;

    /** Histories of which rows ask all there is: they have no k and v of their own. */
    public Histories(Dataset<Row> table, String key) {
        this(table, key, false);
    }

    /**
     * Prefixes of rows that have k and v of their own. A row's keys are those of its prefix and its own behind them, from
     * whose first one masks count; it gets what it would get with all of them in its own k and v.
     *
     * @param table the prefixes: the key, k and v
     * @param key name of the key, in both tables of the same type
     */
    public static Histories prefixes(Dataset<Row> table, String key) {
        return new Histories(table, key, true);
    }

    /**
     * Attention of tables with the columns of {@code queries} to these histories, for {@link TableScorer}, which wants the
     * rows of {@link #with}.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public WorkloadPlan plan(StructType queries, ScoringOptions options) {
        return HistoryPlan.of(queries, table.schema(), key, prefixes, options);
    }

    /** How batches hold these with such options, and why so, in words. */
    public String sharing(ScoringOptions options) {
        return prefixes ? HistorySharing.explainPrefixes(options) : HistorySharing.explain(options);
    }

    /**
     * The rows of {@code queries} and of the histories that they ask, as tasks want them: those of one key together, the
     * history first. Counts the rows of every key for that, and shuffles both tables. Tables must give the same rows each
     * time they are read.
     *
     * @throws IllegalArgumentException when a column is missing or of the wrong type
     */
    public Dataset<Row> with(Dataset<Row> queries, ScoringOptions options) {
        HistoryPlan plan = HistoryPlan.of(queries.schema(), table.schema(), key, prefixes, options);
        Dataset<Row> asking = queries.toDF(names(queries.columns().length));
        Column askingKey = col(asking.columns()[plan.key()]);
        KeyPlacement placement = KeyPlacement.of(
                InputRows.of(
                        InputRows.classic(asking.groupBy(xxhash64(askingKey)).agg(count(lit(1))))),
                mostTasks(queries));
        return asked(asking, plan, placement)
                .union(held(plan, placement))
                .repartitionById(placement.tasks(), col(TASK))
                .drop(TASK)
                .sortWithinPartitions(askingKey, col(IS_HISTORY).desc());
    }

    private int mostTasks(Dataset<Row> queries) {
        long bytes = 0;
        for (Dataset<Row> each : List.of(queries, table)) {
            long known = InputRows.classic(each)
                    .queryExecution()
                    .optimizedPlan()
                    .stats()
                    .sizeInBytes()
                    .bigInteger()
                    .min(BigInteger.valueOf(LARGEST_TABLE))
                    .longValue();
            bytes += known == LARGEST_TABLE ? 0 : known;
        }
        int turns = TURNS * queries.sparkSession().sparkContext().defaultParallelism();
        return (int) Math.max(turns, Math.min(MOST_TASKS, bytes / TASK_BYTES));
    }

    private Dataset<Row> asked(Dataset<Row> asking, HistoryPlan plan, KeyPlacement placement) {
        UserDefinedFunction pieces = udf((UDF1<Long, Integer>) placement::pieces, DataTypes.IntegerType);
        UserDefinedFunction task = udf((UDF2<Long, Integer, Integer>) placement::task, DataTypes.IntegerType);
        Column hash = xxhash64(col(asking.columns()[plan.key()]));
        // by what is in a row and not by its place, which may be another when a task is run again
        Column piece = when(
                        pieces.apply(hash).gt(1),
                        pmod(xxhash64(hashable(asking)), pieces.apply(hash).cast(DataTypes.LongType))
                                .cast(DataTypes.IntegerType))
                .otherwise(0);
        List<Column> columns = new ArrayList<>();
        for (String name : asking.columns()) {
            columns.add(col(name));
        }
        columns.add(lit(false).as(IS_HISTORY));
        columns.add(lit(null).cast(type(plan.k())).as(K));
        columns.add(lit(null).cast(type(plan.v())).as(V));
        columns.add(task.apply(hash, piece).as(TASK));
        return asking.select(columns.toArray(Column[]::new));
    }

    private Dataset<Row> held(HistoryPlan plan, KeyPlacement placement) {
        UserDefinedFunction tasks =
                udf((UDF1<Long, int[]>) placement::tasks, DataTypes.createArrayType(DataTypes.IntegerType, false));
        Column own = column(key);
        List<Column> columns = new ArrayList<>();
        StructField[] fields = plan.queries().fields();
        for (int i = 0; i < fields.length; i++) {
            columns.add((i == plan.key() ? own : lit(null).cast(fields[i].dataType())).as("c" + i));
        }
        columns.add(lit(true).as(IS_HISTORY));
        columns.add(column(plan.k().name()).as(K));
        columns.add(column(plan.v().name()).as(V));
        columns.add(explode(tasks.apply(xxhash64(own))).as(TASK));
        return table.where(own.isNotNull()).select(columns.toArray(Column[]::new));
    }

    private Column column(String name) {
        return table.col("`" + name.replace("`", "``") + "`");
    }

    private static DataType type(TensorColumn column) {
        return column.array() ? DataTypes.createArrayType(DataTypes.FloatType) : DataTypes.BinaryType;
    }

    /** Names for any number of columns, whatever their own are. */
    private static String[] names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "c" + i).toArray(String[]::new);
    }

    private static Column[] hashable(Dataset<Row> table) {
        return Arrays.stream(table.schema().fields())
                .filter(field -> isHashable(field.dataType()))
                .map(field -> col(field.name()))
                .toArray(Column[]::new);
    }

    private static boolean isHashable(DataType type) {
        if (type instanceof StructType struct) {
            return Arrays.stream(struct.fields()).allMatch(field -> isHashable(field.dataType()));
        }
        return type instanceof ArrayType list
                ? isHashable(list.elementType())
                : !(type instanceof MapType) && !(type instanceof VariantType);
    }
}
