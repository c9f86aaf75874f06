package org.pagedattention.conf;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageSize;

/**
 * Every {@code spark.pagedAttention.*} setting, checked.
 *
 * @param backend auto, cpu or cudnn
 * @param cudnnLibraryPath file or folder of libcudnn.so.9; empty for the system's search path
 * @param cpuKernel auto, vector or scalar
 * @param pageSize tokens of a page
 * @param pageLayout how pages lie in a container
 * @param batchMaxTokens tokens of a batch, the longer of a sequence's query and key side counted
 * @param batchMaxSequences sequences of a batch
 * @param batchMaxBytes bytes of Q, K, V and O of a batch; 0 for the backend's own choice
 * @param gpuMemoryFraction share of free GPU memory to keep
 * @param gpuPinnedBytes pinned host memory to keep; 0 for the backend's own choice
 * @param gpuConcurrentBatches batches that may be on one GPU at once
 * @param gpuAllowSharedDevice whether two executors may use one GPU
 * @param gpuDeterministic whether sequences get the same bits on a GPU in every batch
 * @param gpuDevice the GPU to use where Spark assigns none; negative for the first
 * @param warmUp attention that executors make ready when they start
 * @param stageTaskGpus share of a GPU that each scoring task asks Spark for; 0 for what the application says
 * @param stageTaskCpus cores of each scoring task; 0 for what the application says
 * @param stageOwnExecutors whether scoring asks for executors of its own, with a GPU each
 * @param onBadRow fail, null or quarantine
 * @param testPoolBytes for tests: most GPU memory of the direct path; 0 for no such bound
 * @param testFailAllocation for tests: which use of GPU memory fails; 0 for none
 */
public record PagedAttentionConf(
        String backend,
        String cudnnLibraryPath,
        String cpuKernel,
        int pageSize,
        PageLayout pageLayout,
        long batchMaxTokens,
        int batchMaxSequences,
        long batchMaxBytes,
        double gpuMemoryFraction,
        long gpuPinnedBytes,
        int gpuConcurrentBatches,
        boolean gpuAllowSharedDevice,
        boolean gpuDeterministic,
        int gpuDevice,
        List<AttentionSpec> warmUp,
        double stageTaskGpus,
        int stageTaskCpus,
        boolean stageOwnExecutors,
        String onBadRow,
        long testPoolBytes,
        long testFailAllocation)
        implements Serializable {

    /** What all keys begin with. */
    public static final String PREFIX = ConfKey.PREFIX;

    private static final ConfKey<String> BACKEND = new ConfKey<>(
            "backend",
            "auto",
            "`auto` takes cuDNN where it works and the CPU elsewhere; `cpu` and `cudnn` never fall back",
            Parsers.oneOf("auto", "cpu", "cudnn"));
    private static final ConfKey<String> CUDNN_PATH = new ConfKey<>(
            "cudnn.libraryPath",
            "",
            "File or folder of `libcudnn.so.9`; empty: the system's library search path",
            text -> text);
    private static final ConfKey<String> CPU_KERNEL = new ConfKey<>(
            "cpu.kernel",
            "auto",
            "CPU kernel: `vector` needs the module jdk.incubator.vector (spark-submit adds it), `auto` prefers it",
            Parsers.oneOf("auto", "vector", "scalar"));
    private static final ConfKey<Integer> PAGE_SIZE = new ConfKey<>(
            "page.size",
            Integer.toString(PageSize.DEFAULT),
            "Tokens of a page: a power of two from 1 to 1024",
            text -> PageSize.check(
                    Math.toIntExact(Parsers.wholeNumber(1, Integer.MAX_VALUE).apply(text))));
    private static final ConfKey<PageLayout> PAGE_LAYOUT = new ConfKey<>(
            "page.layout",
            "packed",
            "`packed`: tokens end to end, no waste; `padded`: whole pages for each sequence",
            PageLayout::parse);
    private static final ConfKey<Long> MAX_TOKENS = new ConfKey<>(
            "batch.maxTokens",
            "262144",
            "Tokens of a batch; a sequence counts the longer of its query and key side, one above the limit goes alone",
            Parsers.wholeNumber(1, Integer.MAX_VALUE));
    private static final ConfKey<Long> MAX_SEQUENCES =
            new ConfKey<>("batch.maxSequences", "1024", "Sequences of a batch", Parsers.wholeNumber(1, 1 << 16));
    private static final ConfKey<Long> MAX_BYTES = new ConfKey<>(
            "batch.maxBytes",
            "auto",
            "Bytes of Q, K, V and O of a batch, such as `64m`, at most `1g`; `auto`: 8m on the CPU, 64m on a GPU",
            Parsers.bytesOrAuto(1L << 30));
    private static final ConfKey<Double> MEMORY_FRACTION = new ConfKey<>(
            "gpu.memoryFraction",
            "0.8",
            "Share of the GPU memory free at its start that the executor may keep",
            Parsers.fraction());
    private static final ConfKey<Long> PINNED_BYTES = new ConfKey<>(
            "gpu.pinnedBytes",
            "auto",
            "Pinned host memory that the executor keeps, such as `4g`; `auto`: what its batches need, at most a quarter of the host's",
            Parsers.bytesOrAuto(Long.MAX_VALUE));
    private static final ConfKey<Long> CONCURRENT_BATCHES = new ConfKey<>(
            "gpu.concurrentBatches",
            "4",
            "Batches on one GPU at once, whatever the number of tasks; each has a stream, so that they copy and compute"
                    + " side by side. On the direct path as many pieces of files are on the GPU at once, and more where it has room",
            Parsers.wholeNumber(1, 64));
    private static final ConfKey<Boolean> ALLOW_SHARED = new ConfKey<>(
            "gpu.allowSharedDevice",
            "false",
            "Whether two executors may use the same GPU; otherwise the second is refused",
            Parsers.yesOrNo());
    private static final ConfKey<Boolean> DETERMINISTIC = new ConfKey<>(
            "gpu.deterministic",
            "false",
            "Whether a sequence gets the same bits on the GPU whatever else is in its batch, without cuDNN's kernel for"
                    + " decoding. On the CPU it always does",
            Parsers.yesOrNo());
    private static final ConfKey<Integer> DEVICE = new ConfKey<>(
            "gpu.device",
            "auto",
            "Index of the GPU to use where Spark assigns none, as in local mode; `auto`: the first",
            Parsers.deviceOrAuto());
    private static final ConfKey<List<AttentionSpec>> WARM_UP = new ConfKey<>(
            "warmUp",
            "",
            "Attention that executors with the plugin make ready when they start, so that tasks find cuDNN's first"
                    + " plans built: `32x8x128:bf16:causal` is query heads x KV heads x head dim, type and mask; several with"
                    + " commas between",
            Parsers.specs());
    private static final ConfKey<Double> STAGE_TASK_GPUS = new ConfKey<>(
            "stage.taskGpus",
            "0",
            "Share of a GPU that each scoring task asks Spark for, such as `0.25` for four tasks on a GPU, while other"
                    + " stages use all cores; `0`: what `spark.task.resource.gpu.amount` says",
            Parsers.share());
    private static final ConfKey<Long> STAGE_TASK_CPUS = new ConfKey<>(
            "stage.taskCpus",
            "0",
            "Cores of each scoring task, while other stages keep `spark.task.cpus`; `0`: as they do",
            Parsers.wholeNumber(0, 1024));
    private static final ConfKey<Boolean> STAGE_OWN_EXECUTORS = new ConfKey<>(
            "stage.ownExecutors",
            "false",
            "Whether scoring gets executors of its own with one GPU each, started for it and given back after it; needs"
                    + " `spark.dynamicAllocation.enabled`, and executors of other stages then need no GPU",
            Parsers.yesOrNo());
    private static final ConfKey<String> ON_BAD_ROW = new ConfKey<>(
            "onBadRow",
            "fail",
            "`fail` stops at the first bad row; `null` gives it null results and the reason in column `error`;"
                    + " `quarantine` keeps it out of the output and writes it to the job's quarantine path",
            Parsers.oneOf("fail", "null", "quarantine"));

    private static final ConfKey<Long> TEST_POOL_BYTES = new ConfKey<>(
            "test.poolBytes",
            "auto",
            "For tests: most GPU memory that the direct path takes, such as `2g`; `auto`: no such bound",
            Parsers.bytesOrAuto(Long.MAX_VALUE));
    private static final ConfKey<Long> TEST_FAIL_ALLOCATION = new ConfKey<>(
            "test.failAllocation",
            "0",
            "For tests: the Nth use of GPU memory on the direct path of an executor fails as if there were none left;"
                    + " `0`: none does",
            Parsers.wholeNumber(0, Long.MAX_VALUE));

    private static final List<ConfKey<?>> KEYS = List.of(
            BACKEND,
            CUDNN_PATH,
            CPU_KERNEL,
            PAGE_SIZE,
            PAGE_LAYOUT,
            MAX_TOKENS,
            MAX_SEQUENCES,
            MAX_BYTES,
            MEMORY_FRACTION,
            PINNED_BYTES,
            CONCURRENT_BATCHES,
            ALLOW_SHARED,
            DETERMINISTIC,
            DEVICE,
            WARM_UP,
            STAGE_TASK_GPUS,
            STAGE_TASK_CPUS,
            STAGE_OWN_EXECUTORS,
            ON_BAD_ROW,
            TEST_POOL_BYTES,
            TEST_FAIL_ALLOCATION);

    /**
     * Reads the settings among {@code conf}; keys without the prefix are somebody else's.
     *
     * @throws IllegalArgumentException for an unknown key or a value out of range, naming what would be right
     */
    public static PagedAttentionConf parse(Map<String, String> conf) {
        refuseUnknown(conf);
        return new PagedAttentionConf(
                BACKEND.read(conf),
                CUDNN_PATH.read(conf),
                CPU_KERNEL.read(conf),
                PAGE_SIZE.read(conf),
                PAGE_LAYOUT.read(conf),
                MAX_TOKENS.read(conf),
                MAX_SEQUENCES.read(conf).intValue(),
                MAX_BYTES.read(conf),
                MEMORY_FRACTION.read(conf),
                PINNED_BYTES.read(conf),
                CONCURRENT_BATCHES.read(conf).intValue(),
                ALLOW_SHARED.read(conf),
                DETERMINISTIC.read(conf),
                DEVICE.read(conf),
                WARM_UP.read(conf),
                STAGE_TASK_GPUS.read(conf),
                STAGE_TASK_CPUS.read(conf).intValue(),
                STAGE_OWN_EXECUTORS.read(conf),
                ON_BAD_ROW.read(conf),
                TEST_POOL_BYTES.read(conf),
                TEST_FAIL_ALLOCATION.read(conf));
    }

    /** Every key with its value among {@code conf} or its default, as text. */
    public static SortedMap<String, String> values(Map<String, String> conf) {
        SortedMap<String, String> values = new TreeMap<>();
        KEYS.forEach(key -> values.put(key.key(), String.valueOf(key.read(conf))));
        return values;
    }

    /** All defaults. */
    public static PagedAttentionConf defaults() {
        return parse(Map.of());
    }

    /** Limits of a batch on {@code backendName}. */
    public BatchLimits batchLimits(String backendName) {
        long auto = backendName.equals("cpu") ? 8L << 20 : 64L << 20;
        long bytes = batchMaxBytes > 0 ? batchMaxBytes : auto;
        return new BatchLimits(batchMaxSequences, batchMaxTokens, bytes);
    }

    /** What a backend needs of these settings, for a task with {@code threads} cores. */
    public BackendSettings backendSettings(int threads) {
        GpuLimits limits = new GpuLimits(gpuMemoryFraction, gpuPinnedBytes, gpuConcurrentBatches);
        return new BackendSettings(
                threads, Math.max(0, gpuDevice), cudnnLibraryPath, cpuKernel, limits, gpuDeterministic);
    }

    /** The table of all settings for people. */
    public static String markdownTable() {
        String rows = KEYS.stream()
                .map(key -> "| `" + key.key() + "` | " + (key.fallback().isEmpty() ? "" : "`" + key.fallback() + "`")
                        + " | " + key.doc() + " |")
                .collect(Collectors.joining("\n"));
        return "| Key | Default | What it does |\n|---|---|---|\n" + rows + "\n";
    }

    private static void refuseUnknown(Map<String, String> conf) {
        List<String> known = KEYS.stream().map(ConfKey::key).toList();
        for (String key : conf.keySet()) {
            if (key.regionMatches(true, 0, PREFIX, 0, PREFIX.length()) && !known.contains(key)) {
                throw new IllegalArgumentException(
                        "unknown setting " + key + ": did you mean " + Nearest.to(key, known) + "?");
            }
        }
    }
}
