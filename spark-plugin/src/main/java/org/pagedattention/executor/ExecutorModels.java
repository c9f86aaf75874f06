package org.pagedattention.executor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this JVM, loaded when first asked for and shared by all its tasks. One that nobody uses stays for the next
 * task; when another model is loaded, all such ones but the latest go.
 */
public final class ExecutorModels {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorModels.class);
    /** Locked, also inside the lock of a model that is being loaded. */
    private static final Map<BackendKey, ModelBackend> BACKENDS = new HashMap<>();
    /** Those used longest ago first. Locked, as are the users of each. */
    private static final Map<Object, Loaded> LOADED = new LinkedHashMap<>();

    private static final LongAdder LOADS = new LongAdder();
    /** Whether nothing may be loaded, since all is being closed. Locked as the models are. */
    private static boolean closing;

    private record BackendKey(String backend, BackendSettings settings) {}

    private ExecutorModels() {}

    /**
     * A model in use.
     *
     * @param <T> its kind
     */
    public static final class Lease<T> implements AutoCloseable {
        private final Object key;
        private final Loaded loaded;
        private final T model;
        private boolean open = true;

        private Lease(Object key, Loaded loaded, T model) {
            this.key = key;
            this.loaded = loaded;
            this.model = model;
        }

        public T model() {
            return model;
        }

        /** Ends the use. A second time does nothing. */
        @Override
        public synchronized void close() {
            if (open) {
                open = false;
                giveBack(key, loaded);
            }
        }
    }

    /** A place for a model. Its own lock is held while the model is loaded, which others wait for, or closed. */
    private static final class Loaded {
        private int users;
        private volatile @Nullable AutoCloseable model;
        private boolean closed;

        private synchronized AutoCloseable load(Supplier<? extends AutoCloseable> load) {
            if (closed) {
                throw ending();
            }
            AutoCloseable there = model;
            if (there == null) {
                closeIdle();
                there = load.get();
                LOADS.increment();
                model = there;
            }
            return there;
        }

        private synchronized void close() {
            closed = true;
            try {
                if (model != null) {
                    model.close();
                }
            } catch (Exception e) {
                throw new IllegalStateException("a model could not be closed: " + e, e);
            }
        }
    }

    /**
     * Borrows the model of a key; whoever asks first loads it, and the others wait. What fails to load is loaded again by
     * who asks next.
     *
     * @param key everything that makes a model another one: what it is used for, its folder, its backend
     * @param load makes it, always of one kind for one key
     */
    @SuppressWarnings("unchecked") // one key, one kind of model
    public static <T extends AutoCloseable> Lease<T> borrow(Object key, Supplier<T> load) {
        Loaded loaded;
        synchronized (LOADED) {
            if (closing) {
                throw ending();
            }
            loaded = LOADED.computeIfAbsent(key, missing -> new Loaded());
            loaded.users++;
        }
        try {
            return new Lease<>(key, loaded, (T) loaded.load(load));
        } catch (RuntimeException | Error e) {
            giveBack(key, loaded);
            throw e;
        }
    }

    private static void giveBack(Object key, Loaded loaded) {
        synchronized (LOADED) {
            loaded.users--;
            boolean failed = loaded.users == 0 && loaded.model == null;
            // to the end, unless all were closed meanwhile
            if (LOADED.remove(key, loaded) && !failed) {
                LOADED.put(key, loaded);
            }
        }
    }

    private static void closeIdle() {
        Cleanup all = new Cleanup();
        synchronized (LOADED) {
            List<Loaded> idle = new ArrayList<>(LOADED.values());
            idle.removeIf(loaded -> loaded.users > 0);
            if (!idle.isEmpty()) {
                idle.remove(idle.size() - 1);
            }
            LOADED.values().removeAll(idle);
            idle.forEach(loaded -> all.add(loaded::close));
        }
        try {
            all.run();
        } catch (RuntimeException e) {
            // nothing to do with the model that is wanted
            LOG.warn("an idle model keeps its memory", e);
        }
    }

    /**
     * The backend that models run on, for a choice and its settings; to be asked while a model is loaded.
     *
     * @param requested auto, or a backend's name
     * @throws IllegalStateException when the named backend cannot run models here
     */
    public static ModelBackend backend(String requested, BackendSettings settings) {
        synchronized (BACKENDS) {
            BackendKey key =
                    new BackendKey(ExecutorBackends.decidedName(requested), ExecutorBackends.onDecidedDevice(settings));
            return BACKENDS.computeIfAbsent(key, ExecutorModels::open);
        }
    }

    /** Models that were loaded so far. */
    static long loads() {
        return LOADS.sum();
    }

    /** Models that are loaded now. */
    public static long count() {
        synchronized (LOADED) {
            return LOADED.values().stream()
                    .filter(loaded -> loaded.model != null)
                    .count();
        }
    }

    /** Bytes of the weights of all models here. */
    public static long weightBytes() {
        return ofBackends(ModelBackend::heldBytes);
    }

    /** Bytes of keys and values that passes have left to later ones. */
    public static long keptBytes() {
        return ofBackends(ModelBackend::keptBytes);
    }

    private static long ofBackends(ToLongFunction<ModelBackend> bytes) {
        synchronized (BACKENDS) {
            return BACKENDS.values().stream().mapToLong(bytes).sum();
        }
    }

    private static ModelBackend open(BackendKey key) {
        BackendChoice choice = BackendChoice.chooseForModels(key.backend(), key.settings(), BackendChoice.installed());
        for (String reason : choice.passedOver()) {
            LOG.info("models run on the {} backend; {}", choice.provider().name(), reason);
        }
        return choice.provider().createForModels(key.settings());
    }

    /**
     * Closes all models and then their backends, also when closing one fails; tasks that still use one fail. What is being
     * loaded is waited for, so that nobody opens a backend behind those that are closed.
     */
    static void closeAll() {
        Cleanup all = new Cleanup();
        all.add(ExecutorModels::closeBackends);
        synchronized (LOADED) {
            closing = true;
            LOADED.values().forEach(loaded -> all.add(loaded::close));
            LOADED.clear();
        }
        try {
            all.run();
        } finally {
            synchronized (LOADED) {
                closing = false;
            }
        }
    }

    private static void closeBackends() {
        Cleanup all = new Cleanup();
        synchronized (BACKENDS) {
            BACKENDS.values().forEach(backend -> all.add(backend::close));
            BACKENDS.clear();
        }
        all.run();
    }

    private static IllegalStateException ending() {
        return new IllegalStateException("models are being closed here: the process ends");
    }
}
