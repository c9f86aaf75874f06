package org.pagedattention.jobs.score;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.jobs.run.InputFile;
import org.pagedattention.jobs.run.TableJob;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.Pooling;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How tokens become a vector and a score. */
public final class ResultOptions {
    /** The longest head file read: as many characters as the longest legal head can have. */
    private static final int LONGEST_HEAD = 1 << 27;

    @Option(
            names = "--pool",
            paramLabel = "HOW",
            defaultValue = "last",
            description =
                    "What pooled and score take of the output: last (token) or mean (over tokens) (default: last)")
    private String pooling = "last";

    @Option(
            names = "--head",
            paramLabel = "FILE",
            description = "JSON file of the linear head behind score: {\"weights\": [query heads x value dim numbers],"
                    + " \"bias\": 0, \"activation\": \"none\" or \"sigmoid\"}")
    private @Nullable String head;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    /**
     * Refuses options that no result column asks for.
     *
     * @throws IllegalArgumentException naming the option
     */
    public void requireUse(Collection<Emit> columns) {
        var unused = pooling();
        requireUse("--head", Set.of(Emit.SCORE), columns);
        requireUse("--pool", Set.of(Emit.POOLED, Emit.SCORE), columns);
    }

    private void requireUse(String option, Set<Emit> users, Collection<Emit> columns) {
        boolean given = command.commandLine().getParseResult().hasMatchedOption(option);
        if (given && Collections.disjoint(users, columns)) {
            throw new IllegalArgumentException(option + " changes nothing in the result columns " + names(columns)
                    + ": leave it out, or ask for " + names(users).replace(", ", " or ") + " too");
        }
    }

    private static String names(Collection<Emit> columns) {
        return columns.stream().sorted().map(Emit::column).collect(Collectors.joining(", "));
    }

    /** As it was given: a model's poolings have other names. */
    public @Nullable String poolingName() {
        return command.commandLine().getParseResult().hasMatchedOption("--pool") ? pooling : null;
    }

    /**
     * What pooled and score take of the output.
     *
     * @throws IllegalArgumentException when no such pooling is known
     */
    public Pooling pooling() {
        return Pooling.parse(pooling);
    }

    /**
     * The head, from any file system that Spark reaches; null without {@code --head}.
     *
     * @throws IllegalArgumentException naming the file when it is missing, no head, or of another shape than {@code spec}
     */
    @Nullable
    public LinearHead head(AttentionSpec spec, Configuration hadoop) {
        if (head == null) {
            return null;
        }
        String text = text(head, hadoop);
        try {
            return LinearHead.parse(text).requireFor(spec);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--head " + head + ": " + e.getMessage(), e);
        }
    }

    private static String text(String file, Configuration hadoop) {
        Path path = new Path(file);
        String text = HadoopFiles.read(path, LONGEST_HEAD, hadoop);
        if (text == null) {
            throw new IllegalArgumentException("--head " + file
                    + (HadoopFiles.exists(path, hadoop) ? " is a folder" : " does not exist")
                    + ": give the path of a JSON file");
        }
        return text;
    }

    /** Refuses a head that would go with what an output replaces. */
    void requireHeadApart(TableJob job) {
        if (head != null) {
            job.requireOutputApart("--head", head);
        }
    }

    /** The head file as it is now; empty without {@code --head}. */
    String headVersion(Configuration hadoop) {
        return head == null ? "" : InputFile.of(new Path(head), hadoop).toString();
    }
}
