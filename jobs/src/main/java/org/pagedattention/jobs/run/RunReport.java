package org.pagedattention.jobs.run;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.device.DeviceFacts;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;
import org.pagedattention.jobs.report.Fact;
import org.pagedattention.jobs.report.RunFigures;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.plugin.PagedAttentionPlugin;
import org.pagedattention.scoring.models.ModelFacts;

/**
 * What a run counted, for those who look at it later.
 *
 * @param figures of what was done now
 * @param profile how that went
 * @param seconds it took
 */
public record RunReport(RowAccount account, Tally figures, WorkProfile profile, double seconds) {
    private static final int MOST_EXECUTORS = 32;

    RunFigures figures(
            String job,
            String output,
            Work work,
            PagedAttentionConf conf,
            SparkSession spark,
            @Nullable ModelFacts model) {
        List<Fact> summary = Summary.of(work, account, figures, seconds).rows().stream()
                .map(row -> new Fact(row.get(0), row.get(1)))
                .toList();
        return new RunFigures(
                job,
                output,
                work.rows(),
                figures,
                profile,
                seconds,
                work.backend(conf, spark),
                places(work, conf, spark),
                summary,
                model);
    }

    /** Executors as they describe themselves, or this process's GPU. */
    private static List<Fact> places(Work work, PagedAttentionConf conf, SparkSession spark) {
        List<Fact> places = new ArrayList<>();
        if (!spark.sparkContext().isLocal()) {
            PagedAttentionPlugin.summary()
                    .ifPresent(summary -> summary.executors().stream()
                            .limit(MOST_EXECUTORS)
                            .forEach(executor -> places.add(new Fact("executor", executor.toString()))));
            return places;
        }
        BackendSettings settings = conf.backendSettings(1);
        BackendChoice choice = work.choose(conf.backend().toString(), settings, BackendChoice.installed());
        List<DeviceFacts> devices = choice.provider().devices(settings);
        if (settings.device() < devices.size()) {
            places.add(new Fact("GPU", devices.get(settings.device()).toString()));
        }
        return places;
    }
}
