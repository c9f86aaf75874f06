package org.pagedattention.jobs.table;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.ipc.RemoteException;
import org.jspecify.annotations.Nullable;
import org.pagedattention.files.Listing;
import org.pagedattention.files.LocalPattern;
import org.pagedattention.files.Place;
import org.pagedattention.files.Replacement;

/** Small things to do to files, wherever Hadoop reaches them; failures name the file. */
public final class HadoopFiles {
    /** Bytes of a file that two may want to write at once. */
    private static final int LONGEST_NEW = 1 << 12;

    private HadoopFiles() {}

    private interface Action<T> {
        T on(FileSystem files) throws IOException;
    }

    public static Path qualified(String path, Configuration hadoop) {
        Path raw = new Path(path);
        return attempt("look at", raw, hadoop, files -> files.makeQualified(raw));
    }

    /** What a path stands for, whatever it is called. */
    public static Place place(Path path, Configuration hadoop) {
        return attempt("look at", path, hadoop, files -> Place.of(path, hadoop));
    }

    /** The first of {@code files} that would go with {@code folder}. */
    public static Optional<Path> lost(List<Path> files, Path folder, Configuration hadoop) {
        return attempt("look at", folder, hadoop, system -> Replacement.lost(files, folder, hadoop));
    }

    /** The files below {@code roots} as they lie there, for a table of {@code format}. */
    public static Listing listing(List<FileStatus> roots, String format, boolean byLog, Configuration hadoop) {
        return attempt("list", roots.get(0).getPath(), hadoop, files -> Listing.of(roots, format, byLog, hadoop));
    }

    /** Refuses a pattern that also stands for local files which Hadoop leaves out. */
    public static void requireAllSeen(Path pattern, Configuration hadoop) {
        attempt("look for", pattern, hadoop, files -> {
            LocalPattern.requireAllSeen(pattern);
            return true;
        });
    }

    public static boolean exists(Path path, Configuration hadoop) {
        return attempt("look at", path, hadoop, files -> files.exists(path));
    }

    public static boolean isEmptyFolder(Path path, Configuration hadoop) {
        return status(path, hadoop).isDirectory() && list(path, hadoop).isEmpty();
    }

    public static FileStatus status(Path path, Configuration hadoop) {
        return attempt("look at", path, hadoop, files -> files.getFileStatus(path));
    }

    /** What lies in a folder, by name; nothing where there is no such folder. */
    public static List<Path> list(Path folder, Configuration hadoop) {
        return statuses(folder, hadoop).stream().map(FileStatus::getPath).toList();
    }

    /** The same, with what the file system says of each. */
    public static List<FileStatus> statuses(Path folder, Configuration hadoop) {
        return attempt("list", folder, hadoop, files -> {
            try {
                return Arrays.stream(files.listStatus(folder)).sorted().toList();
            } catch (FileNotFoundException e) {
                return List.of();
            }
        });
    }

    /** All files in a folder and the folders in it. */
    public static List<FileStatus> files(Path folder, Configuration hadoop) {
        return attempt("list", folder, hadoop, files -> {
            List<FileStatus> found = new ArrayList<>();
            RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
            while (all.hasNext()) {
                found.add(all.next());
            }
            return found;
        });
    }

    /** What matches {@code pattern}. */
    public static List<FileStatus> glob(Path pattern, Configuration hadoop) {
        return attempt("look for", pattern, hadoop, files -> {
            FileStatus[] found = files.globStatus(pattern);
            return found == null ? List.of() : List.of(found);
        });
    }

    /**
     * The text of a file of at most {@code limit} bytes; null where there is none.
     *
     * @throws IllegalArgumentException when it is longer
     */
    public static @Nullable String read(Path path, int limit, Configuration hadoop) {
        return attempt("read", path, hadoop, files -> Optional.ofNullable(text(path, limit, files)))
                .orElse(null);
    }

    private static @Nullable String text(Path path, int limit, FileSystem files) throws IOException {
        try (FSDataInputStream stream = files.open(path)) {
            byte[] bytes = stream.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new IllegalArgumentException(
                        path + " has more than " + limit + " bytes, which is not what is expected there");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (FileNotFoundException e) {
            return null;
        }
    }

    /** Writes a file that is there whole or not at all. */
    public static void write(Path path, String text, Configuration hadoop) {
        Path partial = new Path(path.getParent(), "." + path.getName() + ".partial");
        attempt("write", path, hadoop, files -> {
            try (FSDataOutputStream stream = files.create(partial, true)) {
                stream.write(text.getBytes(StandardCharsets.UTF_8));
            }
            files.delete(path, false);
            return rename(partial, path, files);
        });
    }

    /**
     * Writes a file in place.
     *
     * @param again whether it may be there already
     * @return false when it is there and may not be
     */
    static boolean create(Path path, String text, boolean again, Configuration hadoop) {
        return attempt("write", path, hadoop, files -> {
            if (!again) {
                return createNew(path, text, files);
            }
            try (FSDataOutputStream stream = files.create(path, true)) {
                stream.write(text.getBytes(StandardCharsets.UTF_8));
                return true;
            }
        });
    }

    /** S3 has to be asked not to replace a file, and says only when all is written that one came meanwhile. */
    private static boolean createNew(Path path, String text, FileSystem files) throws IOException {
        FSDataOutputStreamBuilder<?, ?> file = files.createFile(path);
        file.recursive();
        file.overwrite(false);
        file.opt(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
        try (FSDataOutputStream stream = file.build()) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (RemoteException e) {
            // so HDFS says of a file that is being written, or that a writer which was killed left open
            return absent(path, files, e);
        } catch (PathIOException e) {
            // so S3 says, even where the first of two tries wrote this very text and its answer was lost
            return text.equals(text(path, LONGEST_NEW, files)) || (!wasThere(e) && absent(path, files, e));
        }
    }

    /** Whether S3 found the file when it was asked to write, though it may be gone by now: S3's own words for it. */
    private static boolean wasThere(PathIOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("PreconditionFailed") || message.contains("ConditionalRequestConflict");
    }

    /** False where the file is there; otherwise something else is wrong. */
    private static boolean absent(Path path, FileSystem files, IOException failure) throws IOException {
        if (files.exists(path)) {
            return false;
        }
        throw failure;
    }

    /** Moves a file within its file system; one that is left at {@code to} from an interrupted attempt goes. */
    public static void move(Path from, Path to, Configuration hadoop) {
        attempt("move", from, hadoop, files -> {
            files.delete(to, false);
            return rename(from, to, files);
        });
    }

    /** Deletes a file, or a folder with all that is in it. */
    public static void delete(Path path, Configuration hadoop) {
        attempt("delete", path, hadoop, files -> files.delete(path, true));
    }

    /**
     * Lets Spark write where there is an empty folder, as a failed job leaves it: nothing is lost, and the same command
     * may run again. To be called when nothing else is left to check.
     */
    public static void makeRoom(Path path, Configuration hadoop) {
        if (exists(path, hadoop) && isEmptyFolder(path, hadoop)) {
            delete(path, hadoop);
        }
    }

    private static boolean rename(Path from, Path to, FileSystem files) throws IOException {
        if (!files.rename(from, to)) {
            throw new IOException("it cannot be renamed to " + to);
        }
        return true;
    }

    private static <T> T attempt(String what, Path path, Configuration hadoop, Action<T> action) {
        try {
            return action.on(path.getFileSystem(hadoop));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot " + what + " " + path + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            if (e.getCause() instanceof UnknownHostException unknown) {
                throw new UncheckedIOException(
                        "cannot " + what + " " + path + ": no host is known as " + unknown.getMessage(), unknown);
            }
            if (e.getCause() instanceof URISyntaxException colon) {
                throw new IllegalArgumentException(
                        "cannot " + what + " " + path + ": Hadoop's patterns fail where a name has a colon, as "
                                + colon.getInput() + " does; rename that, or put it elsewhere",
                        e);
            }
            throw e;
        }
    }
}
