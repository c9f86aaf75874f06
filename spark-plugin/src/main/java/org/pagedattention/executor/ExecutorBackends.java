package org.pagedattention.executor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendMetrics;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of this JVM, made when first asked for and shared by all its tasks: plans, device memory and worker
 * threads are worth keeping. They live until {@link #closeAll} or the end of the JVM.
 */
public final class ExecutorBackends {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorBackends.class);
    /** Keyed by what was asked for, auto included, so that reasons are logged once. */
    private static final Map<Key, BackendChoice> CHOSEN = new ConcurrentHashMap<>();
    /** Keyed by the backend's own name: asked for by name or by auto, it is the same one. */
    private static final Map<Key, AttentionBackend> OPEN = new ConcurrentHashMap<>();
    /** Locked while one is opened or all are taken to be closed: one that is being opened then must not stay. */
    private static final Object OPENING = new Object();

    private static BackendMetrics ofClosed = BackendMetrics.NONE;
    private static volatile @Nullable DeviceAssignment assignment;

    private record Key(String backend, BackendSettings settings) {}

    private ExecutorBackends() {}

    /** From now on tasks here use this device, whatever their job's settings say of devices; null to forget it. */
    public static void assign(@Nullable DeviceAssignment decided) {
        assignment = decided;
    }

    /**
     * The backend for a choice and its settings.
     *
     * @param requested auto, cpu or cudnn
     * @throws IllegalStateException when the named backend cannot work here
     */
    public static AttentionBackend get(String requested, BackendSettings settings) {
        return open(choose(requested, settings).provider(), onDecidedDevice(settings));
    }

    static AttentionBackend open(BackendProvider provider, BackendSettings decided) {
        synchronized (OPENING) {
            return OPEN.computeIfAbsent(new Key(provider.name(), decided), key -> provider.create(decided));
        }
    }

    /** The backend that {@link #get} would give, and why. */
    public static BackendChoice choose(String requested, BackendSettings settings) {
        Key key = new Key(decidedName(requested), onDecidedDevice(settings));
        return CHOSEN.computeIfAbsent(key, ExecutorBackends::choose);
    }

    /** Makes every backend's device the current one of the calling thread. */
    public static void bindThread() {
        OPEN.values().forEach(AttentionBackend::bindThread);
    }

    /** Closes every model and every backend, also when closing one fails; tasks that still use one fail. */
    public static synchronized void closeAll() {
        CHOSEN.clear();
        Cleanup all = new Cleanup();
        synchronized (OPENING) {
            for (AttentionBackend backend : OPEN.values()) {
                ofClosed = ofClosed.plus(backend.metrics());
                all.add(backend::close);
            }
            OPEN.clear();
        }
        all.add(ExecutorModels::closeAll);
        all.run();
    }

    /** What all backends of this JVM counted, the closed ones included. */
    static synchronized BackendMetrics metrics() {
        BackendMetrics sum = ofClosed;
        for (AttentionBackend backend : OPEN.values()) {
            sum = sum.plus(backend.metrics());
        }
        return sum;
    }

    /** The name to ask for where a job asks for {@code requested}. */
    static String decidedName(String requested) {
        DeviceAssignment decided = assignment;
        return decided == null ? requested : decided.backend(requested);
    }

    static BackendSettings onDecidedDevice(BackendSettings settings) {
        DeviceAssignment decided = assignment;
        return decided == null ? settings : decided.settings(settings);
    }

    private static BackendChoice choose(Key key) {
        BackendChoice choice = BackendChoice.choose(key.backend(), key.settings(), BackendChoice.installed());
        for (String reason : choice.passedOver()) {
            LOG.warn(
                    "attention runs on the {} backend; {} (set spark.pagedAttention.backend to choose)",
                    choice.provider().name(),
                    reason);
        }
        return choice;
    }
}
