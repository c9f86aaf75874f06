package org.pagedattention.jobs.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.hadoop.fs.Path;

/** A path with characters such as {@code *}, of which Spark reads all that it matches. */
public final class PathPattern {
    private final String text;
    private final Configuration hadoop;

    PathPattern(String text, Configuration hadoop) {
        this.text = text;
        this.hadoop = hadoop;
    }

    /** Whether Spark would take {@code path} for a pattern: what is there under that very name is meant as it is. */
    public static boolean is(String path, Configuration hadoop) {
        return !Tables.literal(path).equals(path) && !HadoopFiles.exists(HadoopFiles.qualified(path, hadoop), hadoop);
    }

    /** Whether the place {@code path} is, or lies in, something that the pattern matches, were it there. */
    boolean covers(Path path) {
        for (String alternative : alternatives()) {
            Path whole = HadoopFiles.place(new Path(alternative), hadoop);
            GlobPattern glob = glob(whole);
            for (Path folder = path; folder != null; folder = folder.getParent()) {
                // at the same depth, no star can have matched a slash
                if (folder.depth() == whole.depth() && glob.matches(folder.toString())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The places of what there is that the pattern matches. */
    List<Path> matches() {
        return HadoopFiles.glob(new Path(text), hadoop).stream()
                .map(match -> HadoopFiles.place(match, hadoop))
                .toList();
    }

    private GlobPattern glob(Path whole) {
        try {
            return new GlobPattern(whole.toString());
        } catch (RuntimeException e) { // of a library for patterns that Hadoop brings, under a name of its own
            throw new IllegalArgumentException(
                    text + " is neither there nor a pattern: " + e.getMessage() + "; see its brackets", e);
        }
    }

    /** The pattern without choices between folders, such as {@code {a/b,c}}. */
    private List<String> alternatives() {
        try {
            return GlobExpander.expand(text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the pattern " + text + ": " + e.getMessage(), e);
        }
    }
}
