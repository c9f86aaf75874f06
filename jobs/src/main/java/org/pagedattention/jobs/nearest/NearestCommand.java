package org.pagedattention.jobs.nearest;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.jobs.embed.VectorOptions;
import org.pagedattention.jobs.options.ColumnList;
import org.pagedattention.jobs.options.ModelOption;
import org.pagedattention.jobs.run.InputOptions;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.models.TextEmbedder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds rows by meaning. */
@Command(
        name = "nearest",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the rows of a table of vectors that are nearest to each question, by the cosine of their angle.",
            "It compares every row: to look at what embed made, not to serve."
        })
public final class NearestCommand implements Callable<Integer> {
    private static final int WIDEST = 100;

    private final Console console;

    @Mixin
    private final InputOptions input = new InputOptions();

    @Mixin
    private final ModelOption model = new ModelOption();

    @Mixin
    private final VectorOptions vectors = new VectorOptions();

    @Option(
            names = "--embedding",
            paramLabel = "COL",
            defaultValue = "embedding",
            description = "Column of the vectors, ARRAY<FLOAT> (default: embedding)")
    private String embedding = "embedding";

    @Option(
            names = "--show",
            paramLabel = "LIST",
            description = "Columns to print of each row, with commas between (default: all that are STRING)")
    private List<String> shown = new ArrayList<>();

    @Option(names = "--top", paramLabel = "N", defaultValue = "3", description = "Rows a question (default: 3)")
    private int top = 3;

    @Parameters(paramLabel = "QUESTION", arity = "0..*", description = "What to look for, each in quotes; required")
    private List<String> questions = new ArrayList<>();

    public NearestCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(input::require, model::require, required -> required.need("a QUESTION", !questions.isEmpty()));
        if (top < 1) {
            throw new IllegalArgumentException("--top " + top + " prints nothing: give 1 or more");
        }
        try (JobSession session = JobSession.open("nearest")) {
            SparkSession spark = session.spark();
            Dataset<Row> table = input.read(spark, console);
            List<String> names = shownColumns(table);
            float[][] asked = embed(
                    spark,
                    PagedAttentionConf.parse(session.conf(Map.of(PagedAttentionConf.PREFIX + "onBadRow", "fail"))));
            Neighbours found = search(selected(table, names), asked);
            for (int q = 0; q < questions.size(); q++) {
                console.out().println((q == 0 ? "" : "\n") + questions.get(q));
                console.out().println(found.of(q).isEmpty() ? "  (no row has a vector)" : lines(found.of(q)));
            }
        }
        return Failures.DONE;
    }

    private static String lines(List<Neighbours.Neighbour> neighbours) {
        TextTable lines = new TextTable();
        for (Neighbours.Neighbour neighbour : neighbours) {
            String text = String.join(" | ", neighbour.shown());
            String cut = text.length() > WIDEST ? text.substring(0, WIDEST - 3) + "..." : text;
            lines.fact(String.format(Locale.ROOT, "  %.3f", neighbour.cosine()), cut);
        }
        return lines.toString();
    }

    private float[][] embed(SparkSession spark, PagedAttentionConf conf) {
        EmbedOptions options = vectors.options();
        Dataset<Row> table =
                spark.createDataset(questions, Encoders.STRING()).toDF("text").coalesce(1);
        return new TextEmbedder(TextRequest.text(model.folder(), "text").withConf(conf), options)
                .embed(table).collectAsList().stream()
                        .map(row -> floats(row.getList(row.fieldIndex("embedding"))))
                        .toArray(float[][]::new);
    }

    private List<String> shownColumns(Dataset<Row> table) {
        List<String> present = Arrays.asList(table.columns());
        if (!present.contains(embedding)) {
            throw new IllegalArgumentException("column '" + embedding + "' is not in the table of --input, which has "
                    + String.join(", ", present) + ": name the one with the vectors with --embedding");
        }
        StructField field = table.schema().apply(embedding);
        if (!(field.dataType() instanceof ArrayType array && array.elementType().equals(DataTypes.FloatType))) {
            throw new IllegalArgumentException(
                    "column " + embedding + " is " + field.dataType().simpleString() + ": vectors are ARRAY<FLOAT>");
        }
        List<String> names = ColumnList.parse("--show", shown);
        for (String name : names) {
            if (!present.contains(name)) {
                throw new IllegalArgumentException("column '" + name + "' of --show is not in the table of --input,"
                        + " which has " + String.join(", ", present));
            }
        }
        return !names.isEmpty()
                ? names
                : Arrays.stream(table.schema().fields())
                        .filter(one -> one.dataType() instanceof StringType)
                        .map(StructField::name)
                        .toList();
    }

    private Dataset<Row> selected(Dataset<Row> table, List<String> names) {
        List<Column> columns = new ArrayList<>();
        columns.add(Tables.column(table, embedding).as("vector"));
        for (String name : names) {
            columns.add(Tables.column(table, name).cast("string").as("shown" + columns.size()));
        }
        return table.select(columns.toArray(Column[]::new))
                .filter(col("vector").isNotNull())
                .filter("forall(vector, x -> x is not null)");
    }

    private Neighbours search(Dataset<Row> rows, float[][] asked) {
        int most = top;
        FlatMapFunction<Iterator<Row>, Neighbours> compare = part -> {
            Neighbours nearest = new Neighbours(asked.length, most);
            part.forEachRemaining(row -> offer(row, asked, nearest));
            return List.of(nearest).iterator();
        };
        return rows.javaRDD().mapPartitions(compare).fold(new Neighbours(asked.length, most), Neighbours::merge);
    }

    private static void offer(Row row, float[][] asked, Neighbours nearest) {
        List<Float> vector = row.getList(0);
        for (int q = 0; q < asked.length; q++) {
            if (vector.size() != asked[q].length) {
                throw new IllegalArgumentException("a vector of the table has " + vector.size()
                        + " numbers, and the model makes " + asked[q].length
                        + ": give the --model that made the table");
            }
            float cosine = Neighbours.cosine(asked[q], vector);
            if (Float.isFinite(cosine) && nearest.wants(q, cosine)) {
                List<String> shown = new ArrayList<>();
                for (int i = 1; i < row.size(); i++) {
                    shown.add(String.valueOf(row.get(i)));
                }
                nearest.add(q, new Neighbours.Neighbour(cosine, List.copyOf(shown)));
            }
        }
    }

    private static float[] floats(List<Float> list) {
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i);
        }
        return values;
    }
}
