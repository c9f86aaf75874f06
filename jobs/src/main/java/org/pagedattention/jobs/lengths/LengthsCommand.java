package org.pagedattention.jobs.lengths;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.ShapeOptions;
import org.pagedattention.jobs.run.InputOptions;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.paging.PageSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how long sequences are. */
@Command(
        name = "lengths",
        mixinStandardHelpOptions = true,
        description =
                "Says how long a table's sequences are, how many token slots pages and padded batches take, and how many rows"
                        + " have a K and V of which no sequence can be made.")
public final class LengthsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final InputOptions input = new InputOptions();

    @Mixin
    private final ShapeOptions shape = new ShapeOptions();

    @Option(names = "--k", defaultValue = "k", paramLabel = "NAME", description = "Column of K (default: k)")
    private String k = "k";

    @Option(names = "--v", defaultValue = "v", paramLabel = "NAME", description = "Column of V (default: v)")
    private String v = "v";

    @Option(
            names = "--page-size",
            paramLabel = "TOKENS",
            defaultValue = "64",
            description = "Tokens of a page, a power of two from 1 to 1024 (default: 64)")
    private int pageSize = PageSize.DEFAULT;

    @Option(names = "--svg", paramLabel = "FILE", description = "Local file for a picture of it")
    private @Nullable Path svg;

    public LengthsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Required.check(input::require, shape::require);
        AttentionSpec spec = shape.spec();
        PageSize.check(pageSize);
        if (svg != null) {
            requireFolder(svg);
        }
        try (JobSession session = JobSession.open("lengths")) {
            if (svg != null) {
                Tables.requireApartFromInput(session.spark(), "--svg", "file:" + svg.toAbsolutePath(), input.path());
            }
            Dataset<Row> table = input.read(session.spark(), console);
            List<LengthScan.Part> parts = scan(table, spec);
            List<int[]> tokens = parts.stream().map(LengthScan.Part::tokens).toList();
            LengthStatistics statistics = LengthStatistics.of(tokens, pageSize);
            console.out().println(statistics.table());
            reportBad(parts);
            if (svg != null) {
                write(svg, LengthsPicture.draw(statistics));
                console.out().println("picture: " + svg);
            }
        }
        return Failures.DONE;
    }

    private List<LengthScan.Part> scan(Dataset<Row> table, AttentionSpec spec) {
        StructType schema = table.schema();
        return LengthScan.of(
                table,
                TokenColumn.of(schema, k, "--k", spec.keyElements(), spec.type()),
                TokenColumn.of(schema, v, "--v", spec.valueElements(), spec.type()));
    }

    /** Rows that score would refuse. */
    private void reportBad(List<LengthScan.Part> parts) {
        long bad = parts.stream().mapToLong(LengthScan.Part::bad).sum();
        parts.stream()
                .map(LengthScan.Part::firstBad)
                .filter(Objects::nonNull)
                .findFirst()
                .ifPresent(
                        first -> console.out().println("bad rows, not counted above: " + bad + ", such as " + first));
    }

    private static void requireFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("--svg " + file
                    + " is not a file in a folder that is there: make the folder, or give another path");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write --svg " + file + ": " + e.getMessage(), e);
        }
    }
}
