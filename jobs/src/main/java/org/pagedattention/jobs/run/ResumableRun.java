package org.pagedattention.jobs.run;

import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.PathPattern;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.jobs.table.RunLock;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.scoring.Quarantine;

/**
 * Scores a table in units of input files, each finished on its own, so that a run after an interrupted one does only what
 * is left. Every step may be interrupted: what is done stays done, and the table gets its marker last.
 */
final class ResumableRun {
    /** Stays in the table, so that a later run can tell whether it would make the same one. */
    private static final String MANIFEST = "_manifest.json";

    /** Counts instead, once there is one: replacing a file takes a moment in which there is none. */
    private static final String AMENDED = "_manifest-amended.json";

    private static final int LONGEST_MANIFEST = 1 << 29;

    private static final long REPORT_NANOS = 5_000_000_000L;

    private final TableJob job;
    private final TableRun run;
    private final SparkSession spark;
    private final InputOptions input;
    private final OutputOptions output;
    private final String quarantine;
    private final Console console;
    private final Configuration hadoop;
    private final Path table;
    private final Units rows;
    private final @Nullable Units badRows;
    private @Nullable Long reported;

    ResumableRun(TableJob job, TableOptions options, TableRun run) {
        this.job = job;
        this.run = run;
        input = options.input;
        output = options.output;
        quarantine = options.quarantine();
        spark = job.spark();
        console = job.console();
        hadoop = spark.sparkContext().hadoopConfiguration();
        table = HadoopFiles.qualified(output.path(), hadoop);
        rows = new Units(table, hadoop);
        badRows = quarantine.isEmpty() ? null : new Units(HadoopFiles.qualified(quarantine, hadoop), hadoop);
    }

    /**
     * Does what is left to do.
     *
     * @param options what must be the same in every run
     * @param unitBytes input bytes of a unit
     * @return the account of the whole table; null when it was whole already
     */
    @Nullable
    RowAccount run(Map<String, String> options, long unitBytes) {
        requireOnePlace();
        Tables.requireApartFromInput(spark, "--output", output.path(), input.path());
        Dataset<Row> all = job.input();
        var unused = run.plan(all.schema(), output.format());
        Manifest now = Manifest.of(options, InputFile.of(all), unitBytes);
        begin(now);
        OutputFolder whole = job.target();
        try (RunLock lock = RunLock.take(table, RunLock.Pace.USUAL, hadoop, console.err())) {
            if (whole.isWhole()) {
                rows.tidy();
                return null;
            }
            return finish(goOn(now).units(), all.schema(), whole, lock);
        }
    }

    private RowAccount finish(List<List<InputFile>> units, StructType schema, OutputFolder whole, RunLock lock) {
        RowAccount account = finishUnits(units, schema, lock);
        lock.requireHeld();
        int count = units.size();
        publish(rows, count);
        long written = whole.rows(null, account.written());
        RowAccount found = new RowAccount(account.read(), written, account.quarantined()).checked(output.path());
        if (badRows != null) {
            publish(badRows, count);
            badRows.tidy();
            badRows.markUnlessEmpty();
        }
        // without it a later run would begin anew, and add all rows once more
        whole.markAnyhow();
        rows.tidy();
        return found;
    }

    /** Columns that are folder names lie below one folder, which a unit of files must be read with. */
    private void requireOnePlace() {
        if (PathPattern.is(input.path(), hadoop)) {
            throw new IllegalArgumentException("--resume takes one folder or file, and --input " + input.path()
                    + " is a pattern: name the folder above, score each match on its own, or leave --resume out");
        }
    }

    /** What an earlier run noted; null where none began this table. */
    private @Nullable Manifest noted() {
        for (String name : List.of(AMENDED, MANIFEST)) {
            Path file = new Path(table, name);
            String text = HadoopFiles.read(file, LONGEST_MANIFEST, hadoop);
            if (text != null) {
                return Manifest.parse(text, file.toString());
            }
        }
        return null;
    }

    /**
     * How this run goes on with what was begun. To be asked while no other run is at work: one that was may have noted
     * another quarantine.
     */
    private Manifest goOn(Manifest now) {
        Manifest before = noted();
        if (before == null) {
            throw new JobFailedException(
                    "--output " + output.path() + " was replaced while this run waited: run it again");
        }
        Manifest after = before.quarantiningAs(now);
        after.requireSame(now);
        if (!after.equals(before)) {
            Quarantine.at(quarantine, spark);
            HadoopFiles.write(new Path(table, AMENDED), after.json(), hadoop);
        }
        return after;
    }

    /** Begins the table, or sees whether {@code now} may go on with what an earlier run began. */
    private void begin(Manifest now) {
        Manifest before = noted();
        if (before != null) {
            before.quarantiningAs(now).requireSame(now);
            return;
        }
        if (HadoopFiles.exists(table, hadoop) && !HadoopFiles.isEmptyFolder(table, hadoop)) {
            throw new IllegalArgumentException(
                    "--output " + output.path() + " exists, and no run with --resume began it:"
                            + " give another path, or replace it with --mode overwrite and without --resume");
        }
        OutputPlace.requireWritable(spark, output, console, input.path());
        if (!quarantine.isEmpty()) {
            Quarantine.at(quarantine, spark);
        }
        HadoopFiles.write(new Path(table, MANIFEST), now.json(), hadoop);
    }

    private RowAccount finishUnits(List<List<InputFile>> units, StructType schema, RunLock lock) {
        RowAccount account = RowAccount.NONE;
        int before = 0;
        for (int unit = 0; unit < units.size(); unit++) {
            RowAccount done = rows.finished(unit);
            if (done == null) {
                lock.requireHeld();
                done = score(unit, units.get(unit), schema);
            } else {
                before++;
            }
            account = account.plus(done);
            reportNowAndThen(unit + 1, units.size());
        }
        console.out().println("units of input files: " + units.size() + ", finished by earlier runs: " + before);
        return account;
    }

    /** Units may be so many that each on its own is over before its own progress shows. */
    private void reportNowAndThen(int done, int units) {
        long now = System.nanoTime();
        if (reported == null || now - reported > REPORT_NANOS) {
            console.err().println(job.name() + ": " + done + " of " + units + " units of input files done");
            reported = now;
        }
    }

    private RowAccount score(int unit, List<InputFile> files, StructType schema) {
        rows.clear(unit);
        String aside = "";
        if (badRows != null) {
            badRows.clear(unit);
            aside = badRows.folder(unit).toString();
        }
        OutputFolder target = new OutputFolder(spark, rows.folder(unit), output.format());
        RowAccount account = run.run(input.read(spark, files, schema), target, SaveMode.ErrorIfExists, aside);
        rows.finish(unit, account);
        return account;
    }

    private static void publish(Units units, int count) {
        for (int unit = 0; unit < count; unit++) {
            units.publish(unit);
        }
    }
}
