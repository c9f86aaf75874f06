package org.pagedattention.files;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/** What names of files and folders mean to Spark. */
final class Names {
    /** Of these formats a file of 0 bytes is a table without rows; of all others it is no file at all. */
    private static final Set<String> TEXT_FORMATS = Set.of("csv", "json", "text", "xml");

    /** Hidden, and without rows by what they are. */
    private static final Pattern BOOKKEEPING = Pattern.compile(
            "_SUCCESS|_metadata|_common_metadata|_committed_.*|_started_.*|_manifest(-amended)?\\.json|\\..*\\.crc"
                    + "|\\.DS_Store|.*_\\$folder\\$|_spark_metadata|_symlink_format_manifest");

    private Names() {}

    static boolean mayBeEmpty(String format) {
        return TEXT_FORMATS.contains(format.toLowerCase(Locale.ROOT));
    }

    /** Those on the way from {@code root} to {@code path} below it; the name of the root where the two are the same. */
    static String[] between(Path root, Path path) {
        String above = root.toUri().getPath();
        String whole = path.toUri().getPath();
        String below = whole.length() > above.length() ? whole.substring(above.length()) : path.getName();
        return (below.startsWith("/") ? below.substring(1) : below).split("/");
    }

    /** Whether Spark passes a file by because of its name or that of a folder. */
    static boolean isHidden(String[] names) {
        for (String name : names) {
            if ((name.startsWith("_") && !name.contains("=")) || name.startsWith(".") || name.endsWith("._COPYING_")) {
                return true;
            }
        }
        return false;
    }

    /** Whether a file is there for other reasons than to hold rows. */
    static boolean isBookkeeping(String[] names) {
        for (String name : names) {
            if (BOOKKEEPING.matcher(name).matches()) {
                return true;
            }
        }
        return false;
    }
}
