package org.pagedattention.scoring.models;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.pagedattention.model.LocalModelFiles;
import org.pagedattention.model.ModelFiles;

/** A model folder on any file system that Hadoop reaches. What is read of it lies on the heap. */
public final class HadoopModelFiles implements ModelFiles {
    private final FileSystem system;
    private final Path folder;

    private HadoopModelFiles(FileSystem system, Path folder) {
        this.system = system;
        this.folder = folder;
    }

    /**
     * The files of a folder; where it is local they are mapped.
     *
     * @param folder a path, or a URI
     * @throws IllegalArgumentException when it is not there
     */
    public static ModelFiles of(String folder, Configuration hadoop) {
        try {
            Path path = new Path(folder);
            FileSystem system = path.getFileSystem(hadoop);
            if (!system.getFileStatus(path).isDirectory()) {
                throw new IllegalArgumentException("model " + folder + " is a file: give the folder that it lies in");
            }
            return system.getScheme().equals("file")
                    ? new LocalModelFiles(java.nio.file.Path.of(
                            system.resolvePath(path).toUri().getPath()))
                    : new HadoopModelFiles(system, path);
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("model " + folder + " does not exist", e);
        } catch (IOException e) {
            throw new UncheckedIOException("model " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** A text that is another one when a file of the folder, or of a folder within, has changed. */
    public static String stamp(String folder, Configuration hadoop) {
        return describe(folder, hadoop, file -> " of " + file.getModificationTime());
    }

    /** Names and sizes of all files of the folder and the folders within, which a copy of it has too. */
    static String sizes(String folder, Configuration hadoop) {
        return describe(folder, hadoop, file -> "");
    }

    private static String describe(String folder, Configuration hadoop, Function<FileStatus, String> more) {
        try {
            Path path = new Path(folder);
            FileSystem system = path.getFileSystem(hadoop);
            URI root = system.getFileStatus(path).getPath().toUri();
            RemoteIterator<LocatedFileStatus> files = system.listFiles(path, true);
            List<String> found = new ArrayList<>();
            while (files.hasNext()) {
                FileStatus file = files.next();
                String name = root.relativize(file.getPath().toUri()).getPath();
                found.add(name + " of " + file.getLen() + " bytes" + more.apply(file));
            }
            return found.stream().sorted().collect(Collectors.joining(", "));
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("model " + folder + " does not exist", e);
        } catch (IOException e) {
            throw new UncheckedIOException("model " + folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    @Override
    public String folder() {
        return folder.toString();
    }

    @Override
    public List<String> names() {
        try {
            return Arrays.stream(system.listStatus(folder))
                    .filter(FileStatus::isFile)
                    .map(file -> file.getPath().getName())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("model " + folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean exists(String name) {
        try {
            return system.getFileStatus(new Path(folder, name)).isFile();
        } catch (FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    @Override
    public long size(String name) {
        try {
            return system.getFileStatus(new Path(folder, name)).getLen();
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    @Override
    public ByteBuffer read(String name, long offset, long size) {
        byte[] bytes = new byte[Math.toIntExact(size)];
        try (FSDataInputStream file = system.open(new Path(folder, name))) {
            file.readFully(offset, bytes);
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private UncheckedIOException unreadable(String name, IOException e) {
        return new UncheckedIOException("model " + folder + ": " + name + " cannot be read: " + e.getMessage(), e);
    }
}
