package org.pagedattention.jobs.table;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The data files of a table that is whole.
 *
 * @param bytes length by name
 */
record TableFiles(Map<String, Long> bytes) {
    /** Those that readers find in a folder now. */
    static TableFiles in(Path table, Configuration hadoop) {
        Map<String, Long> bytes = new TreeMap<>();
        statuses(table, hadoop).forEach(file -> bytes.put(file.getPath().getName(), file.getLen()));
        return new TableFiles(bytes);
    }

    /** The same, as the file system knows them. */
    static List<FileStatus> statuses(Path table, Configuration hadoop) {
        return HadoopFiles.statuses(table, hadoop).stream()
                .filter(file -> {
                    String name = file.getPath().getName();
                    return !name.startsWith("_") && !name.startsWith(".");
                })
                .toList();
    }

    /** Reads what {@link #json} wrote; of anything else, such as Spark's own marker, that no file is known. */
    static TableFiles parse(String json) {
        return new TableFiles(
                Json.read(json, new TypeReference<Map<String, Long>>() {}).orElse(Map.of()));
    }

    String json() {
        return Json.text(bytes);
    }

    /**
     * Checks that these files are still among {@code now}.
     *
     * @throws JobFailedException naming the first that is not
     */
    void requireStillIn(TableFiles now, String table) {
        bytes.forEach((name, length) -> {
            Long found = now.bytes.get(name);
            if (!length.equals(found)) {
                throw new JobFailedException(table + " was whole, but its file " + name
                        + (found == null ? " is gone" : " had " + length + " bytes and has " + found)
                        + " now: restore it, or delete " + table + " and run the same command again");
            }
        });
    }
}
