package org.pagedattention.backend;

import java.util.List;
import java.util.Optional;
import org.pagedattention.device.DeviceFacts;

/** Makes one kind of backend; found through {@link java.util.ServiceLoader}. */
public interface BackendProvider {

    /** The backend's {@link AttentionBackend#name}. */
    String name();

    /** Rank among the backends that can work: {@code auto} takes the highest. */
    int preference();

    /**
     * Why this backend cannot work here and what to do about it; empty when it can. Never throws, and loads native
     * code only when the settings allow it to be found.
     */
    Optional<String> unavailable(BackendSettings settings);

    /** Short facts for people: devices, library versions, instruction sets. One fact a line; may be empty. */
    String describe(BackendSettings settings);

    /**
     * The GPUs that this process can see, in CUDA's order, so that {@link BackendSettings#device} is an index into it.
     * Empty for a backend that uses none and where none can be asked. Never throws, and takes no memory on any of them.
     */
    default List<DeviceFacts> devices(BackendSettings settings) {
        return List.of();
    }

    /** Why this backend cannot run whole models here and what to do about it; empty when it can. Never throws. */
    default Optional<String> unavailableForModels(BackendSettings settings) {
        return Optional.of("it attends tables of q, k and v, and does not run whole models");
    }

    /** What whole models compute in, in a few words; asked where they can be run. */
    default String modelType(BackendSettings settings) {
        return settings.modelType().toString();
    }

    /**
     * Makes the backend for whole models.
     *
     * @throws IllegalStateException when it cannot run them here
     */
    default ModelBackend createForModels(BackendSettings settings) {
        throw new IllegalStateException("backend '" + name() + "' does not run whole models");
    }

    /**
     * Makes the backend.
     *
     * @throws IllegalStateException when it cannot work here
     */
    AttentionBackend create(BackendSettings settings);
}
