package org.pagedattention.jobs;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.pagedattention.scoring.LinearHead;
import org.pagedattention.scoring.Pooling;
import picocli.CommandLine.Option;

/** How tokens become a vector and a score. */
final class ResultOptions {
    /** The longest head file read: as many characters as the longest legal head can have. */
    private static final int LONGEST_HEAD = 1 << 27;

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
        String text = HadoopFiles.read(new Path(file), LONGEST_HEAD, hadoop);
        if (text == null) {
            throw new IllegalArgumentException("--head " + file + " does not exist: give the path of a JSON file");
        }
        return text;
    }

    /** The head file as it is now; empty without {@code --head}. */
    String headVersion(Configuration hadoop) {
        return head == null ? "" : InputFile.of(new Path(head), hadoop).toString();
    }
}
