package org.pagedattention.loading;

import org.apache.hadoop.conf.Configuration;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.ExecutorModels;

/**
 * All that makes a loaded model another one; a folder that changed is one.
 *
 * @param maxTokens most tokens of a row; 0 for as many as the model takes
 * @param backend what was asked for: auto, or a backend's name
 */
public record SharedModel<M extends AutoCloseable>(
        ModelUse<M> use, int maxTokens, ModelFolder folder, String backend, BackendSettings settings) {

    /**
     * The model of a job.
     *
     * @param threads CPU threads of a task
     */
    public static <M extends AutoCloseable> SharedModel<M> of(
            ModelUse<M> use, int maxTokens, ModelFolder folder, PagedAttentionConf conf, int threads) {
        return new SharedModel<>(use, maxTokens, folder, conf.backend().toString(), conf.backendSettings(threads));
    }

    /**
     * Borrows it; whoever is first in this process loads it.
     *
     * @throws IllegalArgumentException when something in the folder is not understood, or missing
     * @throws IllegalStateException when the folder is another one here, or the backend cannot work
     */
    public ExecutorModels.Lease<M> borrow(Configuration hadoop) {
        return ExecutorModels.borrow(
                this, () -> use.open(folder.open(hadoop), ExecutorModels.backend(backend, settings), maxTokens));
    }
}
