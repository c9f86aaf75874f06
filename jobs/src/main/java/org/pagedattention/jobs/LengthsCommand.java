package org.pagedattention.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PageSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how long sequences are. */
@Command(
        name = "lengths",
        mixinStandardHelpOptions = true,
        description = "Says how long a table's sequences are, and how many token slots pages and padded batches take.")
final class LengthsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final InputOptions input = new InputOptions();

    @Mixin
    private final ShapeOptions shape = new ShapeOptions();

    @Option(names = "--k", defaultValue = "k", paramLabel = "NAME", description = "Column of K (default: k)")
    private String column = "k";

    @Option(
            names = "--page-size",
            paramLabel = "TOKENS",
            defaultValue = "64",
            description = "Tokens of a page, a power of two from 1 to 1024 (default: 64)")
    private int pageSize = PageSize.DEFAULT;

    @Option(names = "--svg", paramLabel = "FILE", description = "Local file for a picture of it")
    private @Nullable Path svg;

    LengthsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(input::require, shape::require);
        AttentionSpec spec = shape.spec();
        PageSize.check(pageSize);
        try (JobSession session = JobSession.open("lengths")) {
            Dataset<Row> table = input.read(session.spark());
            LengthStatistics statistics = LengthStatistics.of(lengths(table, spec), pageSize);
            console.out().println(statistics.table());
            if (svg != null) {
                write(svg, LengthsPicture.draw(statistics));
                console.out().println("picture: " + svg);
            }
        }
        return Failures.DONE;
    }

    private List<int[]> lengths(Dataset<Row> table, AttentionSpec spec) {
        boolean binary = table.schema().apply(column).dataType().equals(DataTypes.BinaryType);
        int unit = spec.keyElements() * (binary ? spec.type().bytes() : 1);
        Dataset<Row> sizes =
                table.select(binary ? functions.octet_length(table.col(column)) : functions.size(table.col(column)));
        FlatMapFunction<java.util.Iterator<Row>, int[]> collect = rows -> {
            List<Integer> tokens = new ArrayList<>();
            rows.forEachRemaining(row -> tokens.add(row.isNullAt(0) ? 0 : Math.max(0, row.getInt(0)) / unit));
            return List.of(tokens.stream().mapToInt(Integer::intValue).toArray())
                    .iterator();
        };
        return sizes.javaRDD().mapPartitions(collect).collect();
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write --svg " + file + ": " + e.getMessage(), e);
        }
    }
}
