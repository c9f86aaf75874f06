package org.pagedattention.executor;

/** What an executor counts. Every figure only grows. */
public enum Figure {
    /** Batches; of models, their passes. */
    BATCHES("batches"),
    /** Rows of attention, and texts. */
    SEQUENCES("sequences"),
    QUERY_TOKENS("queryTokens"),
    /** Key tokens in containers. */
    KV_TOKENS("kvTokens"),
    /** Histories in containers, each as often as it was put there. */
    HISTORIES("histories"),
    /** Key tokens of all rows that ask histories, in containers of their own or not. */
    ASKED_TOKENS("askedTokens"),
    /** Pages that the page tables of rows name which may share them. */
    PAGES_GIVEN("pagesGiven"),
    /** Pages in containers for these rows. */
    PAGES_HELD("pagesHeld"),
    /** Token slots of containers that no token owns. */
    WASTED_SLOTS("wastedSlots"),
    BAD_ROWS("badRows"),
    /** Rows too large for fp32, done in fp64 on the CPU. */
    EXACT_ROWS("exactRows"),
    /** Texts with more tokens than took part. */
    TRUNCATED("truncated"),
    /** Tokens of language models whose probability was asked for. */
    SCORED_TOKENS("scoredTokens"),
    /** Tokens that models computed; those that rows of language models begin with in common count once. */
    COMPUTED_TOKENS("computedTokens"),
    /** Batches that ran again because device memory ran out. */
    RETRIES("retries"),
    /** Batches that were cut in two for that. */
    SPLITS("splits"),
    /** Nanoseconds that tasks gave to attention, or to a model: computing on the CPU, or waiting for the GPU. */
    ATTENTION_NANOS("attentionNanos"),
    PLAN_HITS("planHits"),
    PLAN_MISSES("planMisses"),
    /** Those of the missed plans that an earlier process had built. */
    PLANS_RESTORED("plansRestored"),
    /** Bytes that went to the GPU and back. */
    BYTES_COPIED("bytesCopied"),
    /** Those of them that went there. */
    BYTES_TO_DEVICE("bytesToDevice"),
    MODELS_LOADED("modelsLoaded"),
    /** Nanoseconds that the GPU worked. */
    GPU_NANOS("gpuNanos");

    private final String metric;

    Figure(String metric) {
        this.metric = metric;
    }

    /** Its name among the executor's metrics. */
    public String metric() {
        return metric;
    }

    /** Whether tasks count it; the others are counted by backends, and where models are loaded. */
    public boolean countedByTasks() {
        return compareTo(PLAN_HITS) < 0;
    }
}
