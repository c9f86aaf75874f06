package org.pagedattention.plugin;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.device.DeviceFacts;
import org.pagedattention.device.FatalDeviceException;
import org.pagedattention.executor.Cleanup;
import org.pagedattention.executor.DeviceAssignment;
import org.pagedattention.executor.ExecutorBackends;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the executor's GPU when it starts, keeps every task on it, and ends the executor when the GPU is lost. */
final class ExecutorSide implements ExecutorPlugin {
    /** Exit status that tells this end from Spark's own (50 to 53) and the JVM's. */
    static final int DEVICE_LOST = 20;

    private static final Logger LOG = LoggerFactory.getLogger(ExecutorSide.class);
    private static final Duration BETWEEN_BOOKINGS = Duration.ofSeconds(1);

    private final List<BackendProvider> providers;
    private final IntConsumer exit;
    private final Duration pause;
    private final Cleanup cleanup = new Cleanup();
    private final AtomicBoolean ending = new AtomicBoolean();
    private @Nullable Running running;

    /** What an executor has once it started. */
    private record Running(String id, String host, boolean local, DriverLink driver, FiguresReport figures) {}

    ExecutorSide() {
        this(BackendChoice.installed(), new ProcessEnd(), BETWEEN_BOOKINGS);
    }

    /**
     * @param exit ends the process with a status
     * @param pause between attempts to book a GPU
     */
    ExecutorSide(List<BackendProvider> providers, IntConsumer exit, Duration pause) {
        this.providers = providers;
        this.exit = exit;
        this.pause = pause;
    }

    @Override
    public void init(PluginContext context, Map<String, String> fromDriver) {
        DriverLink driver = new DriverLink(context, pause);
        try {
            start(context, driver, ExecutorSettings.fromMap(fromDriver));
        } catch (Exception | LinkageError e) {
            undo(e);
            throw failed(context, driver, e);
        }
    }

    private void start(PluginContext context, DriverLink driver, ExecutorSettings settings) throws Exception {
        PagedAttentionConf conf = settings.conf();
        List<DeviceFacts> visible = conf.backend() == BackendName.CPU ? List.of() : visible(settings);
        DeviceAssignment assignment = GpuAssignment.decide(new GpuRequest(
                settings.local(),
                settings.local() ? settings.driverGpus() : DriverSide.gpus(context),
                visible.stream().map(DeviceFacts::uuid).toList(),
                conf));
        ExecutorBackends.assign(assignment);
        cleanup.add(() -> ExecutorBackends.assign(null));
        String backend = backend(conf, assignment);
        BackendChoice choice = ExecutorBackends.choose(backend, settings.backendSettings());
        ExecutorReport report = report(context, settings, assignment, visible, choice);
        driver.register(report);

        cleanup.add(ExecutorBackends::closeAll);
        // taking the GPU now shows at once where that fails, and no task has to wait for it
        AttentionBackend opened = ExecutorBackends.get(backend, settings.backendSettings());
        WarmUp.run(opened, conf);
        FiguresReport figures = new FiguresReport();
        figures.publish(context.metricRegistry());
        running = new Running(context.executorID(), ThisHost.name(), settings.local(), driver, figures);
        if (!conf.model().atStart().isEmpty() && scores(conf, assignment)) {
            loadModels(settings, SparkHadoopUtil.get().newConfiguration(context.conf()));
        }
        LOG.info("{}", report);
    }

    private static String backend(PagedAttentionConf conf, DeviceAssignment assignment) {
        return scores(conf, assignment) ? conf.backend().toString() : BackendChoice.AUTO;
    }

    /** Where scoring has executors of its own, the others have no GPU and run no scoring. */
    private static boolean scores(PagedAttentionConf conf, DeviceAssignment assignment) {
        return assignment.hasGpu() || !conf.stage().ownExecutors();
    }

    private void loadModels(ExecutorSettings settings, Configuration hadoop) {
        ModelsAtStart models = new ModelsAtStart(settings, hadoop, this::deviceLost);
        cleanup.add(models::close);
        models.start();
    }

    private List<DeviceFacts> visible(ExecutorSettings settings) {
        return providers.stream()
                .map(provider -> provider.devices(settings.backendSettings()))
                .filter(devices -> !devices.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    private static ExecutorReport report(
            PluginContext context,
            ExecutorSettings settings,
            DeviceAssignment assignment,
            List<DeviceFacts> visible,
            BackendChoice choice) {
        // in local mode the first GPU is assumed before anybody knows whether there is one
        boolean assumed = settings.local() && visible.isEmpty();
        boolean known = assignment.hasGpu() && assignment.device() < visible.size();
        String passedOver = String.join("; ", choice.passedOver());
        return new ExecutorReport(
                context.executorID(),
                ThisHost.name(),
                ProcessHandle.current().pid(),
                assumed ? -1 : assignment.device(),
                known ? visible.get(assignment.device()).uuid() : "",
                known ? visible.get(assignment.device()).toString() : "",
                choice.provider().name(),
                passedOver.isEmpty() ? assignment.reason() : passedOver);
    }

    private void undo(Throwable failure) {
        try {
            cleanup.run();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** The driver learns of a failed start from our message; Spark passes on only what is no LinkageError. */
    private static RuntimeException failed(PluginContext context, DriverLink driver, Throwable failure) {
        String reason = failure instanceof IllegalStateException || failure instanceof IllegalArgumentException
                ? String.valueOf(failure.getMessage())
                : failure.toString();
        driver.tell(new StartFailure(context.executorID(), ThisHost.name(), reason));
        return new IllegalStateException(reason, failure);
    }

    @Override
    public void onTaskStart() {
        if (running != null) {
            ExecutorBackends.bindThread();
        }
    }

    @Override
    public void onTaskSucceeded() {
        sendFigures();
    }

    @Override
    public void onTaskFailed(TaskFailedReason reason) {
        sendFigures();
        if (reason instanceof ExceptionFailure failure && failure.exception().isDefined()) {
            FatalDeviceException fatal =
                    FatalDeviceException.in(failure.exception().get());
            if (fatal != null) {
                deviceLost(fatal);
            }
        }
    }

    private void sendFigures() {
        Running now = running;
        if (now != null) {
            now.figures().sendTo(now.driver(), now.id());
        }
    }

    private void deviceLost(FatalDeviceException fatal) {
        Running now = running;
        if (now == null || !ending.compareAndSet(false, true)) {
            return;
        }
        if (now.local()) {
            LOG.error("the GPU is lost to this process, which is the application: start it again", fatal);
            return;
        }
        LOG.error("the GPU is lost to this executor, which ends so that Spark starts another", fatal);
        now.driver().tell(new DeviceLoss(now.id(), now.host(), String.valueOf(fatal.getMessage())));
        exit.accept(DEVICE_LOST);
    }

    @Override
    public void shutdown() {
        running = null;
        cleanup.run();
    }
}
