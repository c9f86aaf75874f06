package org.pagedattention.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The files below some paths as they lie there, to be held against what Spark reads of them. One listing for each path:
 * of local files by Java, since Hadoop leaves out those that it cannot name or follow, of others by Hadoop, which asks an
 * object store for a thousand names at a time, and several folders at once.
 */
public final class Listing {
    private static final int AT_ONCE = 16;

    private final boolean byLog;
    private final boolean emptyHoldsNoRows;
    private final Set<Path> files = new HashSet<>();
    private Optional<Path> firstHidden = Optional.empty();
    private long hidden;

    private Listing(boolean byLog, boolean emptyHoldsNoRows) {
        this.byLog = byLog;
        this.emptyHoldsNoRows = emptyHoldsNoRows;
    }

    /**
     * Lists what lies below {@code roots}.
     *
     * @param roots folders or files, as their file systems describe them
     * @param format as Spark calls it
     * @param byLog whether Spark reads what a stream wrote to a root by its log
     * @throws IOException when a folder cannot be listed
     * @throws InputException saying what makes rows appear or disappear there: a log of another format, a file
     *     of 0 bytes where the format knows none, a link to nothing, a name that this process cannot say
     */
    public static Listing of(Collection<FileStatus> roots, String format, boolean byLog, Configuration hadoop)
            throws IOException {
        requireNoLogAbove(roots, hadoop);
        Listing listing = new Listing(byLog, Names.mayBeEmpty(format));
        List<Path> folders = new ArrayList<>();
        for (FileStatus root : roots) {
            Path path = root.getPath();
            if (byLog && root.isDirectory()) {
                refuse(TableMarks.at(path, true, hadoop));
            }
            if (LocalPath.isLocal(path)) {
                LocalWalk.walk(path, listing::add);
            } else if (root.isDirectory()) {
                folders.add(path);
            } else {
                listing.add(path, path, root.getLen());
            }
        }
        var unused = Parallel.map(folders, AT_ONCE, folder -> {
            listing.addAll(folder, folder.getFileSystem(hadoop));
            return folder;
        });
        return listing;
    }

    private static void requireNoLogAbove(Collection<FileStatus> roots, Configuration hadoop) throws IOException {
        Set<Path> places = new LinkedHashSet<>();
        for (FileStatus root : roots) {
            places.add(root.getPath());
            if (LocalPath.isLocal(root.getPath())) {
                places.add(Place.of(root.getPath(), hadoop).path());
            }
        }
        refuse(TableMarks.above(places, hadoop));
    }

    /** Files with rows that Spark's own conventions do not hide. */
    public Set<Path> files() {
        return files;
    }

    /** How many files Spark's conventions hide, apart from those that are known to hold no rows. */
    public long hidden() {
        return hidden;
    }

    /** One of the hidden files. */
    public Optional<Path> firstHidden() {
        return firstHidden;
    }

    private void addAll(Path root, FileSystem system) throws IOException {
        RemoteIterator<LocatedFileStatus> found = system.listFiles(root, true);
        while (found.hasNext()) {
            LocatedFileStatus file = found.next();
            add(root, file.getPath(), file.getLen());
        }
    }

    private synchronized void add(Path root, Path file, long bytes) {
        String[] names = Names.between(root, file);
        refuse(TableMarks.below(root, names, byLog));
        if (Names.isBookkeeping(names)) {
            return;
        }
        if (Names.isHidden(names)) {
            if (bytes > 0) {
                hidden++;
                firstHidden = firstHidden.or(() -> Optional.of(file));
            }
        } else if (bytes > 0) {
            files.add(file);
        } else if (!emptyHoldsNoRows) {
            throw new InputException(file + " has 0 bytes, so its writer failed or is still at work, and Spark"
                    + " would leave it out: restore it, or remove it if its rows are not meant");
        }
    }

    private static void refuse(Optional<String> problem) {
        problem.ifPresent(text -> {
            throw new InputException(text);
        });
    }
}
