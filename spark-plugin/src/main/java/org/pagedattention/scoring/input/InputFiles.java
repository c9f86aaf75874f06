package org.pagedattention.scoring.input;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.InMemoryFileIndex;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.execution.datasources.v2.FileTable;
import org.pagedattention.files.InputException;
import org.pagedattention.files.Listing;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The files that Spark is about to read for a table, as it listed them when the table was opened.
 *
 * <p>Spark leaves out without a word what it cannot name in its locale, files of 0 bytes, links to nothing, and files in
 * folders below, or beside, those that it takes for the table's. {@link #requireAll} tells.
 */
public final class InputFiles {
    /** Options with which whoever opens a table leaves files out on purpose. */
    private static final Set<String> CHOICES = Set.of("pathglobfilter", "modifiedbefore", "modifiedafter");

    private InputFiles() {}

    /** The files of all of a table's sources, a file twice where Spark reads it twice; empty where it has none. */
    public static List<FileStatus> of(Dataset<Row> table) {
        List<FileStatus> files = new ArrayList<>();
        sources(table).forEach(source -> files.addAll(source.files()));
        return files;
    }

    /**
     * Refuses a table opened from paths of which Spark does not read every file with rows exactly once. It costs one more
     * listing of the table; where files were left out by an option of the reader, there is nothing to refuse.
     *
     * @throws InputException naming a file that is left out, and what to do
     */
    public static void requireAll(Dataset<Row> table) {
        Configuration hadoop =
                ((SparkSession) table.sparkSession()).sessionState().newHadoopConf();
        for (Source source : sources(table)) {
            if (source.index() instanceof InMemoryFileIndex index && !source.chosen()) {
                List<FileStatus> read = source.files();
                try {
                    List<FileStatus> roots = roots(CollectionConverters.asJava(index.rootPaths()), read, hadoop);
                    requireRead(Listing.of(roots, source.format(), false, hadoop), read);
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot list " + index.rootPaths() + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /**
     * The same against a listing that was made before.
     *
     * @throws InputException naming a file that is left out, or read twice, and what to do
     */
    public static void requireAll(Dataset<Row> table, Listing listing) {
        if (sources(table).stream().allMatch(source -> source.index() instanceof InMemoryFileIndex)) {
            requireRead(listing, of(table));
        }
    }

    /** Roots that are files are known from what is read, in which a table of many files costs no further call. */
    private static List<FileStatus> roots(List<Path> paths, List<FileStatus> read, Configuration hadoop)
            throws IOException {
        Map<Path, FileStatus> known = new HashMap<>();
        read.forEach(file -> known.put(file.getPath(), file));
        List<FileStatus> roots = new ArrayList<>();
        for (Path path : paths) {
            FileStatus file = known.get(path);
            roots.add(file == null ? path.getFileSystem(hadoop).getFileStatus(path) : file);
        }
        return roots;
    }

    /** Columns that files have and names of their folders too, so that Spark shows the folders' values. */
    public static List<String> overlaid(Dataset<Row> table) {
        List<String> columns = new ArrayList<>();
        leaves(table).forEach(leaf -> {
            if (leaf instanceof LogicalRelation logical && logical.relation() instanceof HadoopFsRelation files) {
                columns.addAll(
                        CollectionConverters.asJava(files.overlappedPartCols()).keySet());
            }
        });
        return columns;
    }

    /** Columns that are names of folders, of which files need not have any. */
    public static List<String> ofFolders(Dataset<Row> table) {
        return sources(table).stream()
                .flatMap(
                        source -> Arrays.stream(source.index().partitionSchema().fieldNames()))
                .toList();
    }

    private static void requireRead(Listing listing, List<FileStatus> read) {
        Set<Path> missing = new HashSet<>(listing.files());
        Set<Path> seen = new HashSet<>();
        for (FileStatus file : read) {
            missing.remove(file.getPath());
            if (!seen.add(file.getPath())) {
                throw new InputException(
                        file.getPath() + " would be read twice: let the pattern stand for each folder and file once");
            }
        }
        Optional<Path> first = missing.stream().min(Path::compareTo);
        first.ifPresent(file -> {
            throw new InputException("Spark would leave out " + missing.size() + " file"
                    + (missing.size() == 1 ? ", " : "s, such as ") + file
                    + ": it reads the files right in a folder, or those in its name=value folders, and not both or"
                    + " deeper; move them, remove what holds no rows, or name all folders by a pattern");
        });
    }

    private record Source(FileIndex index, String format, Set<String> options) {
        boolean chosen() {
            return options.stream().anyMatch(CHOICES::contains);
        }

        List<FileStatus> files() {
            List<FileStatus> files = new ArrayList<>();
            var none =
                    CollectionConverters.<Expression>asScala(new ArrayList<>()).toSeq();
            CollectionConverters.asJava(index.listFiles(none, none))
                    .forEach(partition -> CollectionConverters.asJava(partition.files())
                            .forEach(file -> files.add(file.fileStatus())));
            return files;
        }
    }

    private static List<Source> sources(Dataset<Row> table) {
        List<Source> sources = new ArrayList<>();
        leaves(table).forEach(leaf -> {
            if (leaf instanceof LogicalRelation logical && logical.relation() instanceof HadoopFsRelation files) {
                Set<String> options = new HashSet<>();
                CollectionConverters.asJava(files.options())
                        .keySet()
                        .forEach(key -> options.add(key.toLowerCase(Locale.ROOT)));
                sources.add(new Source(files.location(), files.toString(), options));
            } else if (leaf instanceof DataSourceV2Relation relation && relation.table() instanceof FileTable files) {
                sources.add(new Source(
                        files.fileIndex(),
                        files.formatName(),
                        relation.options().keySet()));
            }
        });
        return sources;
    }

    private static List<LogicalPlan> leaves(Dataset<Row> table) {
        return CollectionConverters.asJava(((org.apache.spark.sql.classic.Dataset<Row>) table)
                .queryExecution()
                .analyzed()
                .collectLeaves());
    }
}
