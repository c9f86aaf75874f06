package org.pagedattention.files;

import java.nio.file.InvalidPathException;
import org.apache.hadoop.fs.Path;

/** Hadoop's names of local files and Java's, which tell more: Hadoop's listing leaves out what it cannot say or follow. */
final class LocalPath {
    private static final String SCHEME = "file";

    private LocalPath() {}

    static boolean isLocal(Path path) {
        return SCHEME.equals(path.toUri().getScheme());
    }

    static java.nio.file.Path of(Path path) {
        try {
            return java.nio.file.Path.of(path.toUri().getPath());
        } catch (InvalidPathException e) {
            throw new InputException(unnamed(path.toString()));
        }
    }

    static Path toHadoop(java.nio.file.Path path) {
        return new Path(SCHEME, null, path.toString());
    }

    /** Whether a name survives being made text: in a locale without its characters it does not, and no file is found by it. */
    static boolean isNamed(java.nio.file.Path path) {
        try {
            return path.getFileSystem().getPath(path.toString()).equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** The name that the bytes of a file's name mean, as all systems write them. */
    static String name(java.nio.file.Path path) {
        String text = path.toUri().getPath();
        String whole = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        return whole.substring(whole.lastIndexOf('/') + 1);
    }

    static String unnamed(java.nio.file.Path path) {
        return unnamed(path.toUri().toString());
    }

    private static String unnamed(String path) {
        return "the name " + path + " has characters that this process's encoding of names ("
                + System.getProperty("sun.jnu.encoding")
                + ") cannot say, so Spark does not see it: run in a UTF-8 locale"
                + " (LC_ALL=C.UTF-8), or rename it";
    }
}
