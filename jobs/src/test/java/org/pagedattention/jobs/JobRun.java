package org.pagedattention.jobs;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.cli.Console;

/** What a job did, run in this JVM as the command line would run it. */
public record JobRun(int status, String out, String err) {
    static final String SHAPE = "--query-heads 4 --kv-heads 2 --head-dim 16 --dtype fp16";

    /** Runs a job; each argument may hold several words. */
    public static JobRun of(String... arguments) {
        List<String> words = new ArrayList<>();
        for (String argument : arguments) {
            words.addAll(List.of(argument.strip().split(" +")));
        }
        words.removeIf(String::isEmpty);
        return ofWords(words.toArray(String[]::new));
    }

    /** Runs a job with exactly these arguments. */
    static JobRun ofWords(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Console console = new Console(new PrintWriter(out, true), new PrintWriter(err, true));
        int status = Main.runAll(console, List.of(words));
        return new JobRun(status, out.toString(), err.toString());
    }

    static JobRun generate(Path output, String... options) {
        List<String> all = new ArrayList<>(List.of("generate", "--output " + output, SHAPE));
        all.addAll(List.of(options));
        return of(all.toArray(String[]::new));
    }

    String lastLine() {
        List<String> lines = out.lines().toList();
        return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    /** One session for all tests: jobs use what is there, and starting one takes seconds. */
    public static SparkSession spark() {
        return SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate();
    }

    static Dataset<Row> table(Path path) {
        return spark().read().parquet(path.toString());
    }
}
