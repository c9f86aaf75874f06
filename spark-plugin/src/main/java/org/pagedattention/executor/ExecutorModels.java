package org.pagedattention.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this JVM, loaded when first asked for and shared by all its tasks. They live until {@link #closeAll} or
 * the end of the JVM.
 */
public final class ExecutorModels {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorModels.class);
    private static final Map<BackendKey, ModelBackend> BACKENDS = new ConcurrentHashMap<>();
    private static final Map<ModelKey, AutoCloseable> LOADED = new ConcurrentHashMap<>();

    private record BackendKey(String backend, BackendSettings settings) {}

    /**
     * What makes a loaded model another one.
     *
     * @param use the class of what is loaded, and the options that it was loaded with
     * @param folder where it lies
     * @param stamp of its files, so that a folder that changes is loaded again
     * @param backend auto, or a backend's name
     */
    public record ModelKey(Object use, String folder, String stamp, String backend, BackendSettings settings) {}

    private ExecutorModels() {}

    /**
     * The model of that key; whoever asks first loads it, and the others wait.
     *
     * @param load makes it on the backend it is given, and is always of one kind for one {@link ModelKey#use}
     * @throws IllegalStateException when the named backend cannot run models here
     */
    @SuppressWarnings("unchecked") // one key, one kind of model: the key's use says which
    public static <T extends AutoCloseable> T get(ModelKey key, Function<ModelBackend, T> load) {
        ModelBackend backend = backend(key.backend(), key.settings());
        return (T) LOADED.computeIfAbsent(key, missing -> load.apply(backend));
    }

    /** The backend for a choice and its settings. */
    static ModelBackend backend(String requested, BackendSettings settings) {
        return BACKENDS.computeIfAbsent(new BackendKey(requested, settings), ExecutorModels::open);
    }

    private static ModelBackend open(BackendKey key) {
        BackendChoice choice = BackendChoice.chooseForModels(key.backend(), key.settings(), BackendChoice.installed());
        for (String reason : choice.passedOver()) {
            LOG.info("models run on the {} backend; {}", choice.provider().name(), reason);
        }
        return choice.provider().createForModels(key.settings());
    }

    /** Closes all models and then their backends, also when closing one fails; tasks that still use one fail. */
    static synchronized void closeAll() {
        List<AutoCloseable> all = new ArrayList<>(LOADED.values());
        all.addAll(BACKENDS.values());
        LOADED.clear();
        BACKENDS.clear();
        RuntimeException failure = null;
        for (AutoCloseable one : all) {
            try {
                one.close();
            } catch (Exception e) {
                failure = failure == null ? new IllegalStateException("a model could not be closed: " + e, e) : failure;
                if (failure.getCause() != e) {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
