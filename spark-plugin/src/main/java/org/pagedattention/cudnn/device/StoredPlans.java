package org.pagedattention.cudnn.device;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.CodeSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.graph.PlanStore;
import org.pagedattention.cudnn.library.CudnnVersion;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.UserFolder;

/** Where this user's processes keep plans for a device. */
final class StoredPlans {
    private static final System.Logger LOG = System.getLogger(StoredPlans.class.getName());
    private static final String FOLDER = "plans";
    private static final String SETTING = "PAGED_ATTENTION_PLANS";
    private static final String OURS = "org/pagedattention/cudnn/";

    private StoredPlans() {}

    /** Null where there is no folder for them, where they are not wanted, and where our classes are in no jar. */
    static @Nullable PlanStore of(GpuDevice gpu, CudnnVersion version) {
        if (!wanted(System.getenv().getOrDefault(SETTING, ""))) {
            return null;
        }
        try {
            String code = code();
            return code.isEmpty()
                    ? null
                    : new PlanStore(
                            UserFolder.open(UserFolder.place(), FOLDER),
                            kind(gpu) + "; cuDNN " + version + "; code " + code);
        } catch (IOException | URISyntaxException e) {
            LOG.log(System.Logger.Level.INFO, () -> "plans are built anew in each process: " + e.getMessage());
            return null;
        }
    }

    /**
     * Whether plans are to be kept.
     *
     * @throws IllegalArgumentException when the setting says neither
     */
    static boolean wanted(String setting) {
        return switch (setting) {
            case "", "on" -> true;
            case "off" -> false;
            default ->
                throw new IllegalArgumentException(SETTING + " is '" + setting + "': set it to off, or leave it unset");
        };
    }

    /** What two GPUs of one kind have in common, which is not their number. */
    private static String kind(GpuDevice gpu) {
        String text = gpu.toString();
        return text.substring(text.indexOf(':') + 1);
    }

    /** The state of the classes that build graphs; empty where they are in no jar. */
    private static String code() throws IOException, URISyntaxException {
        CodeSource source = StoredPlans.class.getProtectionDomain().getCodeSource();
        File jar = source == null ? null : new File(source.getLocation().toURI());
        if (jar == null || !jar.isFile()) {
            return "";
        }
        try (ZipFile zip = new ZipFile(jar)) {
            List<? extends ZipEntry> ours = zip.stream()
                    .filter(entry -> entry.getName().startsWith(OURS))
                    .sorted(Comparator.comparing(ZipEntry::getName))
                    .toList();
            long sum = 1;
            for (ZipEntry entry : ours) {
                sum = 31 * (31 * sum + entry.getName().hashCode()) + entry.getCrc();
            }
            return String.format(Locale.ROOT, "%016x", sum);
        }
    }
}
