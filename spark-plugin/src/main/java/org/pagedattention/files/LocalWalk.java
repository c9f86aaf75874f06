package org.pagedattention.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import org.apache.hadoop.fs.Path;

/** Goes through local files as they lie there, links followed. */
final class LocalWalk extends SimpleFileVisitor<java.nio.file.Path> {
    /** Takes the files. */
    interface Visitor {
        void file(Path root, Path file, long bytes);
    }

    private final Path root;
    private final java.nio.file.Path start;
    private final Visitor visitor;

    private LocalWalk(Path root, java.nio.file.Path start, Visitor visitor) {
        this.root = root;
        this.start = start;
        this.visitor = visitor;
    }

    static void walk(Path root, Visitor visitor) throws IOException {
        java.nio.file.Path start = LocalPath.of(root);
        Files.walkFileTree(
                start,
                EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                Integer.MAX_VALUE,
                new LocalWalk(root, start, visitor));
    }

    @Override
    public FileVisitResult preVisitDirectory(java.nio.file.Path folder, BasicFileAttributes attributes) {
        requireNamed(folder);
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(java.nio.file.Path file, BasicFileAttributes attributes) {
        requireNamed(file);
        // what a link leads to has been looked up: where it still is one, nothing is there
        if (attributes.isSymbolicLink()) {
            if (!isHidden(file)) {
                throw new InputException(dangling(file));
            }
            return FileVisitResult.CONTINUE;
        }
        visitor.file(root, LocalPath.toHadoop(file), attributes.size());
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(java.nio.file.Path path, IOException failure) throws IOException {
        if (isHidden(path)) {
            return FileVisitResult.CONTINUE;
        }
        if (failure instanceof FileSystemLoopException) {
            throw new InputException(
                    path + " is a link to a folder that it lies in, so its files have no end: remove the link");
        }
        throw failure instanceof AccessDeniedException
                ? new IOException(path + " may not be opened by this user")
                : failure;
    }

    static String dangling(java.nio.file.Path link) {
        return link + " is a link to nothing, which Spark would leave out: restore what it leads to, or remove it";
    }

    private void requireNamed(java.nio.file.Path path) {
        if (!LocalPath.isNamed(path) && !isHidden(path)) {
            throw new InputException(LocalPath.unnamed(path));
        }
    }

    private boolean isHidden(java.nio.file.Path path) {
        return !path.equals(start)
                && Names.isHidden(start.relativize(path).toString().split("/"));
    }
}
