package org.pagedattention.direct.parquet;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.files.Replacement;

/**
 * The table's files, cut into pieces.
 *
 * @param pieces in the order of the files
 */
public record FileCut(List<Piece> pieces) {
    /** Codecs whose decompression on the GPU was compared with Spark's. */
    private static final Set<CompressionCodec> READABLE = EnumSet.of(
            CompressionCodec.UNCOMPRESSED,
            CompressionCodec.SNAPPY,
            CompressionCodec.GZIP,
            CompressionCodec.BROTLI,
            CompressionCodec.ZSTD);

    /** Names who has the keys, where Parquet is encrypted; it is neither read nor written so here. */
    private static final String ENCRYPTION = "parquet.crypto.factory.class";

    /**
     * Reads the footers, in the cluster.
     *
     * @param columns what each file must hold, in this order
     * @param place asked wherever a footer is read
     * @throws NotDirectException when the files differ, or an executor cannot do it
     */
    public static FileCut of(SparkSession spark, List<String> paths, List<String> columns, Place place) {
        if (paths.isEmpty()) {
            throw new NotDirectException("the table has no files");
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Configuration conf = spark.sessionState().newHadoopConf();
        if (conf.get(ENCRYPTION) != null) {
            throw new NotDirectException(
                    ENCRYPTION + " is " + conf.get(ENCRYPTION)
                            + ", and only the row path reads and writes encrypted Parquet: unset it where nothing is encrypted");
        }
        Broadcast<SerializableConfiguration> hadoop = context.broadcast(new SerializableConfiguration(conf));
        int slots = context.defaultParallelism();
        int tasks = Math.min(paths.size(), slots);
        long pieceBytes = ChunkSize.pieceBytes(bytes(paths, conf), slots);
        List<CutFile> files = context.parallelize(paths, tasks)
                .mapPartitions(part -> cut(part, hadoop.value().value(), columns, pieceBytes, place))
                .collect();
        for (CutFile file : files) {
            if (!file.problem().isEmpty()) {
                throw new NotDirectException(file.problem());
            }
            if (!file.schema().equals(files.get(0).schema())) {
                throw new NotDirectException(
                        "files differ in their columns' types: " + files.get(0).path() + " and " + file.path());
            }
        }
        return new FileCut(
                files.stream().flatMap(file -> file.pieces().stream()).toList());
    }

    /**
     * Refuses to replace what is to be read.
     *
     * @param folder that goes away
     * @throws IllegalArgumentException when one of the files lies in it, by whatever name
     */
    public void requireOutside(Path folder, Configuration hadoop) throws IOException {
        List<Path> files =
                pieces.stream().map(Piece::path).distinct().map(Path::new).toList();
        Replacement.lost(files, folder, hadoop).ifPresent(file -> {
            throw new IllegalArgumentException(
                    "cannot overwrite " + folder + ", which holds " + file + " of the input: give another path");
        });
    }

    public long bytes() {
        return pieces.stream().mapToLong(Piece::bytes).sum();
    }

    public long rows() {
        return pieces.stream().mapToLong(Piece::rows).sum();
    }

    /** Where tasks run. */
    @FunctionalInterface
    public interface Place extends Serializable {
        /** What is missing there for the direct path; empty when nothing is. */
        Optional<String> missing();
    }

    /**
     * One file.
     *
     * @param schema of the file, in words
     * @param problem why it cannot be read here; empty when it can
     */
    private record CutFile(String path, String schema, List<Piece> pieces, String problem) implements Serializable {}

    private static Iterator<CutFile> cut(
            Iterator<String> paths, Configuration hadoop, List<String> columns, long pieceBytes, Place place)
            throws IOException {
        List<CutFile> files = new ArrayList<>();
        Optional<String> missing = place.missing();
        while (paths.hasNext()) {
            String path = paths.next();
            try {
                missing.ifPresent(reason -> {
                    throw new NotDirectException(reason);
                });
                files.add(cut(path, hadoop, columns, pieceBytes));
            } catch (NotDirectException e) {
                files.add(new CutFile(path, "", List.of(), String.valueOf(e.getMessage())));
            }
        }
        return files.iterator();
    }

    private static CutFile cut(String name, Configuration hadoop, List<String> columns, long pieceBytes)
            throws IOException {
        Path path = new Path(name);
        FileSystem system = path.getFileSystem(hadoop);
        FileMetaData footer = Footers.read(system, path);
        List<String> found = topLevel(footer.getSchema());
        if (!found.equals(columns)) {
            throw new NotDirectException(name + " holds the columns " + String.join(", ", found) + ", the table "
                    + String.join(", ", columns) + ": columns that come from folder names or were merged take the row"
                    + " path");
        }
        requireReadable(name, footer);
        String schema = footer.getSchema().toString();
        return new CutFile(name, schema, Footers.pieces(name, footer, pieceBytes), "");
    }

    private static void requireReadable(String name, FileMetaData footer) {
        if (footer.isSetEncryption_algorithm()) {
            throw new NotDirectException(name + " is encrypted, which only the row path reads");
        }
        for (RowGroup group : footer.getRow_groups()) {
            for (ColumnChunk chunk : group.getColumns()) {
                CompressionCodec codec = chunk.getMeta_data().getCodec();
                if (!READABLE.contains(codec)) {
                    throw new NotDirectException(name + " is compressed by " + codec + ", and only "
                            + READABLE.stream().map(Enum::name).collect(Collectors.joining(", "))
                            + " are read directly");
                }
            }
        }
    }

    /** Bytes of all files together. */
    public static long bytes(List<String> paths, Configuration hadoop) {
        try {
            long bytes = 0;
            for (String name : paths) {
                Path path = new Path(name);
                bytes += path.getFileSystem(hadoop).getFileStatus(path).getLen();
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> topLevel(List<SchemaElement> schema) {
        List<String> names = new ArrayList<>();
        int next = 1;
        while (next < schema.size()) {
            names.add(schema.get(next).getName());
            next = behind(schema, next);
        }
        return names;
    }

    /** Index of the element behind the one at {@code index} and its children; elements lie depth first. */
    private static int behind(List<SchemaElement> schema, int index) {
        int next = index + 1;
        for (int child = 0; child < schema.get(index).getNum_children(); child++) {
            next = behind(schema, next);
        }
        return next;
    }
}
