package org.pagedattention.scoring;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.attention.BackendChoice;
import org.pagedattention.attention.BackendSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of this JVM, made when first asked for and shared by all its tasks: plans, device memory and worker
 * threads are worth keeping. They live until {@link #closeAll} or the end of the JVM.
 */
public final class ExecutorBackends {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorBackends.class);
    private static final Map<Key, AttentionBackend> OPEN = new ConcurrentHashMap<>();

    private record Key(String requested, BackendSettings settings) {}

    private ExecutorBackends() {}

    /**
     * The backend for a choice and its settings.
     *
     * @param requested auto, cpu or cudnn
     * @throws IllegalStateException when the named backend cannot work here
     */
    public static AttentionBackend get(String requested, BackendSettings settings) {
        return OPEN.computeIfAbsent(new Key(requested, settings), ExecutorBackends::create);
    }

    /** Closes every backend; tasks that still use one fail. */
    public static void closeAll() {
        OPEN.values().forEach(AttentionBackend::close);
        OPEN.clear();
    }

    private static AttentionBackend create(Key key) {
        BackendChoice choice = BackendChoice.choose(key.requested(), key.settings(), BackendChoice.installed());
        for (String reason : choice.passedOver()) {
            LOG.warn(
                    "attention runs on the {} backend; {} (set spark.pagedAttention.backend to choose, --backend in jobs)",
                    choice.provider().name(),
                    reason);
        }
        return choice.provider().create(key.settings());
    }
}
