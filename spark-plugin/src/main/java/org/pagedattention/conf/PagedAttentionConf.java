package org.pagedattention.conf;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.Settings.Setting;

/**
 * Every {@code spark.pagedAttention.*} setting, checked.
 *
 * @param backend what computes
 * @param cudnnLibraryPath file or folder of libcudnn.so.9; empty for the system's search path
 * @param cpuKernel auto, vector or scalar
 * @param page how tokens lie in containers
 * @param batch how large batches may grow
 * @param gpu which GPU is used, and how much of it
 * @param warmUp attention that executors make ready when they start
 * @param model how whole models are loaded and computed
 * @param stage what the stage that scores asks Spark for
 * @param onBadRow what becomes of rows that cannot be scored
 * @param sql models of functions in SQL
 */
public record PagedAttentionConf(
        BackendName backend,
        String cudnnLibraryPath,
        String cpuKernel,
        PageConf page,
        BatchConf batch,
        GpuConf gpu,
        List<AttentionSpec> warmUp,
        ModelConf model,
        StageConf stage,
        OnBadRow onBadRow,
        SqlConf sql)
        implements Serializable {

    /** What all keys begin with. */
    public static final String PREFIX = Settings.PREFIX;

    private static final List<Setting> DEFAULTS = all(Map.of());

    private static PagedAttentionConf read(Settings settings) {
        return new PagedAttentionConf(
                settings.read(
                        "backend",
                        "auto",
                        Parsers.oneOf(BackendName.values()),
                        "`auto` takes cuDNN where it works and the CPU elsewhere; `cpu` and `cudnn` never fall back"),
                settings.read(
                        "cudnn.libraryPath",
                        "",
                        text -> text,
                        "File or folder of `libcudnn.so.9`; empty: the system's library search path"),
                settings.read(
                        "cpu.kernel",
                        "auto",
                        Parsers.oneOf("auto", "vector", "scalar"),
                        "CPU kernel: `vector` needs the module jdk.incubator.vector (spark-submit adds it), `auto` prefers it"),
                PageConf.read(settings),
                BatchConf.read(settings),
                GpuConf.read(settings),
                settings.read(
                        "warmUp",
                        "",
                        Parsers.specs(),
                        "Attention that executors with the plugin make ready when they start, so that tasks find cuDNN's"
                                + " first plans built: `32x8x128:bf16:causal` is query heads x KV heads x head dim, type and"
                                + " mask; several with commas between"),
                ModelConf.read(settings),
                StageConf.read(settings),
                settings.read(
                        "onBadRow",
                        "fail",
                        Parsers.oneOf(OnBadRow.values()),
                        "`fail` stops at the first bad row; `null` gives it null results and the reason in column `error`;"
                                + " `quarantine` keeps it out of the output and writes it to the job's quarantine path"),
                SqlConf.read(settings));
    }

    /**
     * Reads the settings among {@code conf}; keys without the prefix are somebody else's.
     *
     * @throws IllegalArgumentException for an unknown key or a value out of range, naming what would be right
     */
    public static PagedAttentionConf parse(Map<String, String> conf) {
        refuseUnknown(conf);
        return read(new Settings(conf));
    }

    /** Every key with its value among {@code conf} or its default, as text. */
    public static SortedMap<String, String> values(Map<String, String> conf) {
        SortedMap<String, String> values = new TreeMap<>();
        all(conf).forEach(setting -> values.put(setting.key(), String.valueOf(setting.value())));
        return values;
    }

    private static List<Setting> all(Map<String, String> conf) {
        Settings settings = new Settings(conf);
        var unused = read(settings);
        return settings.all();
    }

    /** All defaults. */
    public static PagedAttentionConf defaults() {
        return parse(Map.of());
    }

    /** What a backend needs of these settings, for a task with {@code threads} cores. */
    public BackendSettings backendSettings(int threads) {
        return new BackendSettings(
                threads,
                Math.max(0, gpu.device()),
                cudnnLibraryPath,
                cpuKernel,
                gpu.limits(),
                gpu.deterministic(),
                model.type());
    }

    /** The table of all settings for people. */
    public static String markdownTable() {
        String rows = DEFAULTS.stream()
                .map(setting -> "| `" + setting.key() + "` | "
                        + (setting.fallback().isEmpty() ? "" : "`" + setting.fallback() + "`") + " | " + setting.doc()
                        + " |")
                .collect(Collectors.joining("\n"));
        return "| Key | Default | What it does |\n|---|---|---|\n" + rows + "\n";
    }

    private static void refuseUnknown(Map<String, String> conf) {
        List<String> known = DEFAULTS.stream().map(Setting::key).toList();
        for (String key : conf.keySet()) {
            if (key.regionMatches(true, 0, PREFIX, 0, PREFIX.length()) && !known.contains(key)) {
                throw new IllegalArgumentException(
                        "unknown setting " + key + ": did you mean " + Nearest.to(key, known) + "?");
            }
        }
    }
}
