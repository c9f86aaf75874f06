package org.pagedattention.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.ipc.RemoteException;
import org.jspecify.annotations.Nullable;

/** Small things to do to files, wherever Hadoop reaches them; failures name the file. */
final class HadoopFiles {
    private HadoopFiles() {}

    private interface Action<T> {
        T on(FileSystem files) throws IOException;
    }

    static Path qualified(String path, Configuration hadoop) {
        Path raw = new Path(path);
        return attempt("look at", raw, hadoop, files -> files.makeQualified(raw));
    }

    /** Names a place and nothing else: paths to the same one in HDFS are equal, whatever name of its server they have. */
    static Path place(Path path, Configuration hadoop) {
        return attempt("look at", path, hadoop, files -> {
            Path whole = files.makeQualified(path);
            return files instanceof DistributedFileSystem hdfs
                    ? new Path(
                            hdfs.getScheme(),
                            hdfs.getCanonicalServiceName(),
                            whole.toUri().getPath())
                    : whole;
        });
    }

    static boolean exists(Path path, Configuration hadoop) {
        return attempt("look at", path, hadoop, files -> files.exists(path));
    }

    static boolean isEmptyFolder(Path path, Configuration hadoop) {
        return status(path, hadoop).isDirectory() && list(path, hadoop).isEmpty();
    }

    static FileStatus status(Path path, Configuration hadoop) {
        return attempt("look at", path, hadoop, files -> files.getFileStatus(path));
    }

    /** What lies in a folder, by name; nothing where there is no such folder. */
    static List<Path> list(Path folder, Configuration hadoop) {
        return statuses(folder, hadoop).stream().map(FileStatus::getPath).toList();
    }

    /** The same, with what the file system says of each. */
    static List<FileStatus> statuses(Path folder, Configuration hadoop) {
        return attempt("list", folder, hadoop, files -> {
            try {
                return Arrays.stream(files.listStatus(folder)).sorted().toList();
            } catch (FileNotFoundException e) {
                return List.of();
            }
        });
    }

    /** What matches {@code pattern}. */
    static List<Path> glob(Path pattern, Configuration hadoop) {
        return attempt("look for", pattern, hadoop, files -> {
            FileStatus[] found = files.globStatus(pattern);
            return found == null
                    ? List.of()
                    : Arrays.stream(found).map(FileStatus::getPath).toList();
        });
    }

    /**
     * The text of a file of at most {@code limit} bytes; null where there is none.
     *
     * @throws IllegalArgumentException when it is longer
     */
    static @Nullable String read(Path path, int limit, Configuration hadoop) {
        return attempt("read", path, hadoop, files -> {
                    try (FSDataInputStream stream = files.open(path)) {
                        byte[] bytes = stream.readNBytes(limit + 1);
                        if (bytes.length > limit) {
                            throw new IllegalArgumentException(
                                    path + " has more than " + limit + " bytes, which is not what is expected there");
                        }
                        return Optional.of(new String(bytes, StandardCharsets.UTF_8));
                    } catch (FileNotFoundException e) {
                        return Optional.<String>empty();
                    }
                })
                .orElse(null);
    }

    /** Writes a file that is there whole or not at all. */
    static void write(Path path, String text, Configuration hadoop) {
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
            FSDataOutputStream made = again ? files.create(path, true) : createNew(path, files);
            if (made == null) {
                return false;
            }
            try (FSDataOutputStream stream = made) {
                stream.write(text.getBytes(StandardCharsets.UTF_8));
                return true;
            }
        });
    }

    /** A new file; null when it is there. */
    private static @Nullable FSDataOutputStream createNew(Path path, FileSystem files) throws IOException {
        try {
            return files.create(path, false);
        } catch (FileAlreadyExistsException e) {
            return null;
        } catch (RemoteException e) {
            // so HDFS says of a file that is being written, or that a writer which was killed left open
            if (files.exists(path)) {
                return null;
            }
            throw e;
        }
    }

    /** Moves a file within its file system; one that is left at {@code to} from an interrupted attempt goes. */
    static void move(Path from, Path to, Configuration hadoop) {
        attempt("move", from, hadoop, files -> {
            files.delete(to, false);
            return rename(from, to, files);
        });
    }

    /** Deletes a file, or a folder with all that is in it. */
    static void delete(Path path, Configuration hadoop) {
        attempt("delete", path, hadoop, files -> files.delete(path, true));
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
        }
    }
}
