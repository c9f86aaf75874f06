package org.pagedattention.jobs.run;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.conf.OnBadRow;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.options.ComputeOptions;
import org.pagedattention.jobs.table.SideFile;
import org.pagedattention.jobs.table.Tables;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every job from table to table takes. A command mixes it in, and opens a {@link TableJob} with it. */
public final class TableOptions {
    private static final String QUARANTINE = "quarantine";

    @Mixin
    final InputOptions input = new InputOptions();

    @Mixin
    final OutputOptions output = new OutputOptions();

    @Mixin
    private final ComputeOptions compute = new ComputeOptions();

    @Option(
            names = "--on-bad-row",
            paramLabel = "POLICY",
            description = "fail (stop the job), null (null results, reason in column error) or quarantine=PATH (row and"
                    + " reason are written there, the output holds the rest) (default: fail)")
    private String onBadRow = "";

    @Mixin
    final ResumeOptions resume = new ResumeOptions();

    @Option(
            names = "--summary",
            paramLabel = "FILE",
            description =
                    "Also write what the job says at its end to this file, as JSON; one that is there is replaced")
    private String summary = "";

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description =
                    "Also write a page with charts of how the job went to this file, which a browser shows without"
                            + " any network; one that is there is replaced")
    private String report = "";

    @Option(
            names = "--explain",
            description = "Only say what the job would do, from a sample and the settings: backend, lengths, batches,"
                    + " memory, expected time; nothing is written")
    private boolean explain;

    private final Supplier<Map<String, String>> others;

    public TableOptions() {
        this(Map::of);
    }

    /**
     * @param others settings that other options of the command stand for
     */
    public TableOptions(Supplier<Map<String, String>> others) {
        this.others = others;
    }

    public void require(Required required) {
        input.require(required);
        output.require(required);
    }

    /**
     * The settings that these options stand for.
     *
     * @throws IllegalArgumentException when {@code --on-bad-row} names no policy
     */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(compute.settings());
        settings.putAll(others.get());
        boolean aside = !quarantine().isEmpty();
        if (!aside && !Set.of("", "fail", "null").contains(onBadRow)) {
            throw new IllegalArgumentException(
                    "--on-bad-row '" + onBadRow + "' is not known: use fail, null or quarantine=PATH");
        }
        if (!onBadRow.isEmpty()) {
            settings.put(PagedAttentionConf.PREFIX + "onBadRow", aside ? QUARANTINE : onBadRow);
        }
        return settings;
    }

    /** Whether to say what would be done, and do nothing. */
    public boolean explains() {
        return explain;
    }

    /** Where programs find what the job says at its end. */
    SideFile summary() {
        return new SideFile("--summary", summary);
    }

    /** Where people find how the job went. */
    SideFile report() {
        return new SideFile("--report", report);
    }

    /** Where bad rows go; empty when they go nowhere. */
    String quarantine() {
        String start = QUARANTINE + "=";
        return onBadRow.startsWith(start) ? onBadRow.substring(start.length()) : "";
    }

    /**
     * Whether there may be an earlier run to go on with.
     *
     * @throws IllegalArgumentException when options contradict each other
     */
    public boolean resumes() {
        boolean wanted = resume.wanted();
        if (wanted && output.overwrite()) {
            throw new IllegalArgumentException(
                    "--resume goes on with what is there, and --mode overwrite replaces it: give one of the two");
        }
        return wanted;
    }

    /**
     * Looks at the places of the output, of bad rows and of other files before work is spent.
     *
     * @throws IllegalArgumentException naming the option or setting that is wrong
     */
    void requirePlaces(SparkSession spark, PagedAttentionConf conf, Console console) {
        String quarantine = quarantine();
        if (quarantine.isEmpty() && conf.onBadRow() == OnBadRow.QUARANTINE) {
            throw new IllegalArgumentException(PagedAttentionConf.PREFIX
                    + "onBadRow is quarantine, but nothing says where bad rows go: give --on-bad-row quarantine=PATH");
        }
        if (!quarantine.isEmpty()) {
            String option = "--on-bad-row quarantine=";
            Tables.requireApartFromInput(spark, option, quarantine, input.path());
            Tables.requireApart(spark, option, quarantine, "--output", output.path());
        }
        for (SideFile file : List.of(summary(), report())) {
            file.requireWritable(spark, input.path(), output.path());
        }
        if (!resumes()) {
            OutputPlace.requireWritable(spark, output, console, input.path());
        }
    }
}
