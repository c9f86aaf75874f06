package org.pagedattention.jobs.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.hadoop.fs.Path;
import org.pagedattention.files.Literal;
import org.pagedattention.files.Place;

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
        return !Literal.of(path).equals(path) && !HadoopFiles.exists(HadoopFiles.qualified(path, hadoop), hadoop);
    }

    /** Whether the place {@code path} is, or lies in, something that the pattern matches, were it there. */
    boolean covers(Place place) {
        for (String alternative : alternatives()) {
            Path whole = HadoopFiles.place(new Path(alternative), hadoop).path();
            GlobPattern glob = glob(whole);
            for (Path folder = place.path(); folder != null; folder = folder.getParent()) {
                // at the same depth, no star can have matched a slash
                if (folder.depth() == whole.depth() && glob.matches(folder.toString())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What there is that the pattern matches. */
    List<FileStatus> matches() {
        return HadoopFiles.glob(new Path(text), hadoop);
    }

    /**
     * Refuses a pattern that also stands for what Hadoop leaves out of {@link #matches}.
     *
     * @throws IllegalArgumentException naming what that is
     */
    void requireAllSeen() {
        for (String alternative : alternatives()) {
            Path whole = HadoopFiles.qualified(alternative, hadoop);
            var unused = glob(whole);
            HadoopFiles.requireAllSeen(whole, hadoop);
        }
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
