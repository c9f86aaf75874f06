package org.pagedattention.plugin;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.ModelAtStart;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.loading.FolderUse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** Checks the settings once for all executors, books their GPUs, and keeps what they report. Touches no GPU itself. */
final class DriverSide implements DriverPlugin {
    /** Spark's name of the resource. */
    static final String GPU = "gpu";

    private static final Logger LOG = LoggerFactory.getLogger(DriverSide.class);

    private final Map<String, Map<Figure, Long>> figures = new ConcurrentHashMap<>();
    private final StartProblems problems = new StartProblems();
    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private volatile PagedAttentionConf conf = PagedAttentionConf.defaults();
    private volatile boolean local;
    private volatile DeviceRegistry registry = new DeviceRegistry(false);
    private volatile @Nullable SparkContext spark;
    private volatile @Nullable JobWatch jobs;
    private volatile @Nullable StarvationWatch starvation;

    @Override
    public Map<String, String> init(SparkContext context, PluginContext plugin) {
        Map<String, String> all = new HashMap<>();
        for (Tuple2<String, String> entry : context.conf().getAll()) {
            all.put(entry._1, entry._2);
        }
        conf = PagedAttentionConf.parse(all);
        local = context.isLocal();
        ResourceCheck.check(all, local, conf);
        if (!conf.model().atStart().isEmpty()) {
            List<ModelAtStart> models = FolderUse.decided(conf.model().atStart(), context.hadoopConfiguration());
            all.put(ModelAtStart.KEY, ModelAtStart.text(models));
        }
        registry = new DeviceRegistry(conf.gpu().allowSharedDevice());
        JobWatch watch = new JobWatch(registry);
        context.addSparkListener(watch);
        spark = context;
        jobs = watch;
        if (!local) {
            StarvationWatch waiting = new StarvationWatch(context.conf(), all, watch, problems);
            waiting.start();
            starvation = waiting;
        }
        return ExecutorSettings.of(all, local, gpus(plugin)).toMap();
    }

    /** The GPUs that Spark assigned to this process; null for none. */
    static @Nullable List<String> gpus(PluginContext plugin) {
        ResourceInformation resource = plugin.resources().get(GPU);
        return resource == null ? null : List.of(resource.addresses());
    }

    /** Answers with JDK types only: an executor may not have our classes where it reads answers. */
    @Override
    public @Nullable Object receive(Object message) {
        if (message instanceof ExecutorReport report) {
            return register(report);
        }
        if (message instanceof StartFailure failure) {
            startFailed(failure);
            return "";
        }
        if (message instanceof DeviceLoss loss) {
            LOG.error("{}", loss);
            problems.add(loss.toString());
            return "";
        }
        if (message instanceof ExecutorFigures counted) {
            // reports of tasks that end together may overtake each other
            figures.merge(counted.executorId(), counted.figures(), DriverSide::later);
        }
        return null;
    }

    private String register(ExecutorReport report) {
        String refusal = registry.register(report);
        if (refusal.isEmpty()) {
            if (scores(report)) {
                problems.started();
            }
            LOG.info("{}", report);
            warnOfFallback(report);
        }
        return refusal;
    }

    /** Whether scoring tasks can run there. */
    private boolean scores(ExecutorReport report) {
        return report.hasGpu() || !conf.stage().ownExecutors();
    }

    /** Once for each reason: executors say it too, but in their own logs, and in local mode those are this one. */
    private void warnOfFallback(ExecutorReport report) {
        boolean asked = conf.backend().toString().equals(report.backend());
        if (!asked && !local && !report.reason().isEmpty() && warned.add(report.reason())) {
            LOG.warn("attention runs on the {} backend: {}", report.backend(), report.reason());
        }
    }

    private void startFailed(StartFailure failure) {
        registry.remove(failure.executorId());
        LOG.error("{}", failure);
        boolean hopeless = problems.startFailed(failure.toString());
        SparkContext context = spark;
        JobWatch watch = jobs;
        // Spark would go on starting executors that fail, with the reason in their logs alone
        if (hopeless && registry.running().stream().noneMatch(this::scores) && context != null && watch != null) {
            for (int job : watch.activeJobs()) {
                context.cancelJob(job, "because " + failure);
            }
        }
    }

    private static Map<Figure, Long> later(Map<Figure, Long> a, Map<Figure, Long> b) {
        Map<Figure, Long> merged = new EnumMap<>(a);
        b.forEach((figure, count) -> merged.merge(figure, count, Math::max));
        return merged;
    }

    ClusterSummary summary() {
        return new ClusterSummary(registry.running(), new HashMap<>(figures), problems.all());
    }

    @Override
    public void shutdown() {
        StarvationWatch watch = starvation;
        if (watch != null) {
            watch.interrupt();
        }
        if (!figures.isEmpty()) {
            LOG.info("Paged attention in this application:\n{}", summary().text());
        }
        // the summary stays readable, the application need not stay in memory for it
        spark = null;
        jobs = null;
    }
}
