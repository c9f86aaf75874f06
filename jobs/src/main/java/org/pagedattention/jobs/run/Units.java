package org.pagedattention.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.jobs.table.Json;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;

/**
 * The finished parts of a table that is still being made. They lie in a folder of the table that readers do not look
 * into; a unit is finished when its marker, which holds the account of its rows, is there.
 */
final class Units {
    private static final String FOLDER = "_units";
    private static final int LONGEST_MARKER = 1 << 10;

    private final Path table;
    private final Configuration hadoop;

    Units(Path table, Configuration hadoop) {
        this.table = table;
        this.hadoop = hadoop;
    }

    Path folder(int unit) {
        return new Path(new Path(table, FOLDER), name(unit));
    }

    /** The account of a finished unit; null for any other. */
    @Nullable
    RowAccount finished(int unit) {
        String text = HadoopFiles.read(marker(unit), LONGEST_MARKER, hadoop);
        // whatever else it is, the unit can be made again
        return text == null
                ? null
                : Json.read(text, new TypeReference<RowAccount>() {}).orElse(null);
    }

    void finish(int unit, RowAccount account) {
        HadoopFiles.write(marker(unit), Json.text(account), hadoop);
    }

    /** Forgets what an interrupted run left of a unit. */
    void clear(int unit) {
        HadoopFiles.delete(folder(unit), hadoop);
    }

    /** Moves a finished unit's files into the table; files that were moved before are not there any more. */
    void publish(int unit) {
        for (Path file : HadoopFiles.list(folder(unit), hadoop)) {
            if (!file.getName().startsWith("_") && !file.getName().startsWith(".")) {
                HadoopFiles.move(file, new Path(table, name(unit) + "-" + file.getName()), hadoop);
            }
        }
    }

    /** Removes all that is not part of the table. */
    void tidy() {
        HadoopFiles.delete(new Path(table, FOLDER), hadoop);
    }

    /** Says that the table is whole; a table without any file goes instead. */
    void markUnlessEmpty() {
        if (HadoopFiles.list(table, hadoop).isEmpty()) {
            HadoopFiles.delete(table, hadoop);
        } else {
            HadoopFiles.write(new Path(table, OutputFolder.MARKER), "", hadoop);
        }
    }

    private Path marker(int unit) {
        return new Path(folder(unit), OutputFolder.MARKER);
    }

    private static String name(int unit) {
        return String.format(Locale.ROOT, "unit-%05d", unit);
    }
}
