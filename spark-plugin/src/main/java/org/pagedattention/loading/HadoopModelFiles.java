package org.pagedattention.loading;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFiles;

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
            throw new IllegalArgumentException("model " + folder + " does not exist");
        } catch (IOException e) {
            throw new UncheckedIOException("model " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Where a folder is for every process, whatever its working directory. */
    static String qualified(String folder, Configuration hadoop) {
        try {
            Path path = new Path(folder);
            return path.getFileSystem(hadoop).makeQualified(path).toString();
        } catch (IOException e) {
            throw new UncheckedIOException("model " + folder + " cannot be reached: " + e.getMessage(), e);
        }
    }

    /**
     * Each file that a model is read from, in words: another word for another file. Of local files it is their contents
     * that count, so that copies on several machines are the same; of others the time at which they were written.
     *
     * @throws IllegalArgumentException when the folder is not there
     */
    static List<String> fingerprint(String folder, Configuration hadoop) {
        try {
            Path path = new Path(folder);
            FileSystem system = path.getFileSystem(hadoop);
            boolean local = system.getScheme().equals("file");
            URI root = system.getFileStatus(path).getPath().toUri();
            RemoteIterator<LocatedFileStatus> files = system.listFiles(path, true);
            List<String> found = new ArrayList<>();
            while (files.hasNext()) {
                FileStatus file = files.next();
                String name = root.relativize(file.getPath().toUri()).getPath();
                if (name.endsWith(".json") || name.endsWith(".safetensors")) {
                    String state = local ? "checksum " + checksum(system, file) : "of " + file.getModificationTime();
                    found.add(name + " (" + file.getLen() + " bytes, " + state + ")");
                }
            }
            return found.stream().sorted().toList();
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("model " + folder + " does not exist");
        } catch (IOException e) {
            throw new UncheckedIOException("model " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String checksum(FileSystem system, FileStatus file) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] buffer = new byte[1 << 20];
        try (FSDataInputStream in = system.open(file.getPath())) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                checksum.update(buffer, 0, read);
            }
        }
        return Long.toHexString(checksum.getValue());
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
