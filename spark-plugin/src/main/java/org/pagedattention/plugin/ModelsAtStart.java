package org.pagedattention.plugin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.ModelAtStart;
import org.pagedattention.device.FatalDeviceException;
import org.pagedattention.executor.Cleanup;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.loading.FolderUse;
import org.pagedattention.loading.ModelFolder;
import org.pagedattention.loading.SharedModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads models in a thread of its own while the executor starts, and keeps them until it ends. A task that wants one
 * meanwhile waits for it; one that could not be loaded is tried again by the task, which fails with the reason.
 */
final class ModelsAtStart implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelsAtStart.class);

    private final ExecutorSettings settings;
    private final Configuration hadoop;
    private final Consumer<FatalDeviceException> lost;
    private final List<ExecutorModels.Lease<?>> kept = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean ending;

    /**
     * @param lost is told when the GPU is lost meanwhile
     */
    ModelsAtStart(ExecutorSettings settings, Configuration hadoop, Consumer<FatalDeviceException> lost) {
        this.settings = settings;
        this.hadoop = hadoop;
        this.lost = lost;
    }

    void start() {
        Thread thread = new Thread(this::loadAll, "models-at-start");
        thread.setDaemon(true);
        thread.start();
    }

    private void loadAll() {
        FatalDeviceException fatal = null;
        try {
            for (ModelAtStart model : settings.conf().model().atStart()) {
                fatal = fatal == null && !ending ? load(model) : fatal;
            }
        } finally {
            // who ends the process waits for this
            ended.countDown();
        }
        if (fatal != null) {
            lost.accept(fatal);
        }
    }

    /** Returns what says that no other can be loaded either; null when nothing does. */
    private @Nullable FatalDeviceException load(ModelAtStart model) {
        long start = System.nanoTime();
        try {
            kept.add(shared(model).borrow(hadoop));
            LOG.info("{} is loaded, after {} ms", model, (System.nanoTime() - start) / 1_000_000);
            return null;
        } catch (RuntimeException | Error e) {
            // Spark ends an executor for what nobody catches
            LOG.error("{}: {} is not loaded, and tasks that want it will try again", ModelAtStart.KEY, model, e);
            return FatalDeviceException.in(e);
        }
    }

    private SharedModel<?> shared(ModelAtStart model) {
        return SharedModel.of(
                FolderUse.withDefaults(model.use()),
                0,
                ModelFolder.of(model.folder(), hadoop),
                settings.conf(),
                settings.taskCpus());
    }

    /** Waits for all that are loaded or are not; false where this thread is to do something else. */
    boolean awaitLoaded() {
        try {
            ended.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits for the one that is being loaded, and lets go of all. */
    @Override
    public void close() {
        ending = true;
        if (!awaitLoaded()) {
            return;
        }
        Cleanup all = new Cleanup();
        kept.forEach(lease -> all.add(lease::close));
        kept.clear();
        all.run();
    }
}
