package org.pagedattention.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.security.AccessControlException;

/** Finds what says that files are those of a table whose own log tells which of them count. */
final class TableMarks {
    /**
     * A format that has a log.
     *
     * @param name as Spark calls it; empty for Spark's own streams
     * @param mark what lies in the folder of such a table
     */
    record Mark(String name, String mark) {
        String problem(String table) {
            return name.isEmpty()
                    ? table + " is what a stream wrote (" + mark + " tells which files count): give that folder itself"
                    : table + " holds " + mark + ", so it is a table of " + name + ", whose files also have rows that"
                            + " were deleted or replaced: give that folder, and set option inputFormat to " + name
                            + ", with its jar among --packages";
        }
    }

    private static final String ICEBERG_FOLDER = "metadata";
    private static final Mark ICEBERG = new Mark("iceberg", ICEBERG_FOLDER + "/*.metadata.json");
    private static final Mark STREAM = new Mark("", "_spark_metadata");
    private static final List<Mark> FOLDERS =
            List.of(new Mark("delta", "_delta_log"), new Mark("hudi", ".hoodie"), STREAM);
    private static final Mark PAIMON = new Mark("paimon", "schema/schema-0");

    private TableMarks() {}

    /** What is wrong with reading {@code roots} file by file, as far as folders tell that they lie in; empty when nothing. */
    static Optional<String> above(Collection<Path> roots, Configuration hadoop) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        for (Path root : roots) {
            for (Path folder = root.getParent(); folder != null; folder = folder.getParent()) {
                folders.add(folder);
            }
        }
        for (Path folder : folders) {
            Optional<String> problem = at(folder, false, hadoop);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    /**
     * The same of one folder alone.
     *
     * @param byLog whether Spark reads what a stream wrote there by its log
     */
    static Optional<String> at(Path folder, boolean byLog, Configuration hadoop) throws IOException {
        FileSystem files = folder.getFileSystem(hadoop);
        try {
            for (Mark mark : FOLDERS) {
                if (!(byLog && mark.equals(STREAM)) && files.exists(new Path(folder, mark.mark()))) {
                    return Optional.of(mark.problem(folder.toString()));
                }
            }
            if (files.exists(new Path(folder, PAIMON.mark()))) {
                return Optional.of(PAIMON.problem(folder.toString()));
            }
            return isIceberg(new Path(folder, ICEBERG_FOLDER), files)
                    ? Optional.of(ICEBERG.problem(folder.toString()))
                    : Optional.empty();
        } catch (AccessControlException | AccessDeniedException e) {
            // who may read a table need not be let into the folders above
            return Optional.empty();
        }
    }

    private static boolean isIceberg(Path metadata, FileSystem files) throws IOException {
        if (!files.exists(metadata)) {
            return false;
        }
        RemoteIterator<FileStatus> entries = files.listStatusIterator(metadata);
        while (entries.hasNext()) {
            if (entries.next().getPath().getName().endsWith(".metadata.json")) {
                return true;
            }
        }
        return false;
    }

    /**
     * What is wrong with reading {@code root}, as what lies in it tells; empty when nothing.
     *
     * @param names of the folders on the way from the root to a file, and of the file
     * @param byLog whether Spark reads what a stream wrote to the root by its log
     */
    static Optional<String> below(Path root, String[] names, boolean byLog) {
        for (int i = 0; i + 1 < names.length; i++) {
            String folder = names[i];
            String next = names[i + 1];
            Optional<Mark> mark = FOLDERS.stream()
                    .filter(candidate -> candidate.mark().equals(folder))
                    .findFirst();
            if (folder.equals(ICEBERG_FOLDER) && next.endsWith(".metadata.json")) {
                mark = Optional.of(ICEBERG);
            } else if (PAIMON.mark().equals(folder + "/" + next)) {
                mark = Optional.of(PAIMON);
            }
            if (mark.isPresent() && !(byLog && i == 0 && mark.get().equals(STREAM))) {
                List<String> table = new ArrayList<>(List.of(root.toString()));
                table.addAll(Arrays.asList(names).subList(0, i));
                return Optional.of(mark.get().problem(String.join("/", table)));
            }
        }
        return Optional.empty();
    }
}
