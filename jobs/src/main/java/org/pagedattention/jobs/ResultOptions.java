package org.pagedattention.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.pagedattention.scoring.LinearHead;
import org.pagedattention.scoring.Pooling;
import picocli.CommandLine.Option;

/** How tokens become a vector and a score. */
final class ResultOptions {
    /** The longest head file read: as many characters as the longest legal head can have. */
    private static final long LONGEST_HEAD = 1L << 27;

    @Option(
            names = "--pool",
            paramLabel = "HOW",
            defaultValue = "last",
            description =
                    "What pooled and score take of the output: last (token) or mean (over tokens) (default: last)")
    private Pooling pooling = Pooling.LAST;

    @Option(
            names = "--head",
            paramLabel = "FILE",
            description = "JSON file of the linear head behind score: {\"weights\": [query heads x value dim numbers],"
                    + " \"bias\": 0, \"activation\": \"none\" or \"sigmoid\"}")
    private @Nullable String head;

    Pooling pooling() {
        return pooling;
    }

    /** The head, from any file system that Spark reaches; null without {@code --head}. */
    @Nullable
    LinearHead head(Configuration hadoop) {
        return head == null ? null : LinearHead.parse(text(head, hadoop));
    }

    private static String text(String file, Configuration hadoop) {
        Path path = new Path(file);
        try (FSDataInputStream stream = path.getFileSystem(hadoop).open(path)) {
            byte[] bytes = stream.readNBytes((int) LONGEST_HEAD + 1);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("--head " + file + " does not exist: give the path of a JSON file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
